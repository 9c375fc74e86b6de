"""What can be proved of a model under attack, and how near an attack comes to it.

bounds     binomial bounds and tests, and the radius that follows from them (Cohen et al. 2019)
smoothing  how a classifier is smoothed and attacked, as data that validates itself
noise      the noise of each image, whoever else is there
votes      the votes of the model on an image in noise, one draw after the other
certify    CERTIFY and PREDICT: a class and the L2 radius within which it holds, or abstention
smallest   the smallest change found that the smoothed classifier takes for another class
"""
