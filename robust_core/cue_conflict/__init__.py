"""Shape or texture: what a model votes for on an image with the shape of one thing and the texture of another.

Reading the code? In this order:

stimuli.py          which images are stimuli, told by their names or a table of labels
decisions.py        from a model's classes to the 16 categories: the published rules
votes.py            shape, texture or neither: shape bias, its coverage, and two models compared
distortions.py      images with one of the two cues taken away
style_transfer.py   an image in the texture of another one
"""
