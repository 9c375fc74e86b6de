"""Defences against adversarial images, fake and honest, and the attackers that tell them apart. Read table, layers,
wrapping, attackers, trial, alarms, in this order.

jpeg.py       JPEG as a file has it, and one with a gradient
table.py      every defence: what it does, who proposed it, and which attackers it has to stand
layers.py     what a defence does around a network: as it is, and as an attacker sees it who knows of it
wrapping.py   a loaded model behind a defence, and the vote of its draws
attackers.py  the naive attack and the adaptive ones, as a table
trial.py      one attacker against one defended model on a set of images, and what the defended model says of its images
alarms.py     what says that the naive attack cannot be believed
"""
