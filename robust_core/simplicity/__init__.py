"""Simplicity biases: how smooth, quiet and selective the units of a network are (Chen, Agarwal and Nguyen 2020).

Reading the code? In this order:

layers.py       which feature maps are looked at, and how
smoothness.py   total variation of kernels and feature maps
noise.py        noise on images, and how much of its energy passes
units.py        which units are silent, and how many classes a unit answers to
alignment.py    cosines of input gradients with edges, and with each other
"""
