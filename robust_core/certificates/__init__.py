"""What can be proved of a model under attack, and how near an attack comes to it.

bounds.py      binomial bounds and tests, and the radius that follows from them (Cohen et al. 2019)
smoothing.py   how a classifier is smoothed and attacked, as data that validates itself
noise.py       the noise of each image, whoever else is there
votes.py       the votes of the model on an image in noise, one draw after the other
certify.py     CERTIFY and PREDICT: a class and the L2 radius within which it holds, or abstention
smallest.py    the smallest change found that the smoothed classifier takes for another class
"""
