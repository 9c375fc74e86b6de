"""Concepts of a class, after CRAFT (Fel et al. 2023): what parts of images a network has in common for it, how much
each counts, and where it is.

Reading the code? In this order:

crops.py           parts of images, at the network's input size
split_network.py   a network in two: from pixels to a layer, and from the layer to logits
factorisation.py   activations as sums of few concepts, and how far two halves of the images have the same ones
masking.py         what the network makes of an image whose concepts are weakened
importance.py      total Sobol indices of masks over the concepts
deletion.py        which concepts are taken away, in which order
heat_maps.py       where a concept is in an image, and how much of that is on the object
"""
