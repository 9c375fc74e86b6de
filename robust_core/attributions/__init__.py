"""Where a model looks: attribution methods, and the evidence whether a map can be believed. Read in this order.

methods.py        what can be asked: the methods with their parameters, and the architectures on which each holds
targets.py        which class is explained; baselines.py: what "nothing there" looks like
explain.py        Attribution, and the one door to all methods
gradients.py, deeplift.py, cam.py, ablation.py, rise.py      the methods; superpixels.py cuts an image into pieces
sampling.py       how many draws a method takes, and how closely another seed would draw its map again
batches.py        many passes in batches that fit the device; shared_copies.py: the same weights, to be hooked
checks.py         when a map should not be believed; costs.py: about how long it takes
quality.py        all the evidence: infidelity.py, sensitivity.py, insertion_deletion.py by curve_protocols.py, and the
                  same of random maps, random_controls.py
cascading_randomization.py   the map while layers are randomized, from the top

`python -m robust_core attribute` runs every method on a model and prints what each costs.
"""
