"""Adversarial attacks. Read threat, balls, goals, losses, pgd, scoring, caveats, checks, then table, config, search, in
this order.

threat.py     ThreatModel: what the attacker may do, and how the attack is run; PAPER is the published protocol
balls.py      the geometry of each norm: distance, direction, projection, random start
goals.py      Goal: the label that counts as correct and the target, per image
precision.py  in which numbers an attack computes: as the network is, batch norm folded, or gradients in bfloat16
losses.py     what an attack follows: cross-entropy, the difference of logits ratio, or the margin
pgd.py        one trajectory whose every step is an AttackStep; draws.py: its random numbers, passes.py: one gradient
scoring.py    what a trajectory says: last iterate, any step so far, the paper's rule
caveats.py    what must be said beside the number
checks.py     further attacks on the images that one leaves, which say whether it can be believed
table.py      every attack, what it knows and what it costs; attack_row.py: a row; config.py: one with its budget
search.py     one attack on a set of images, and what the model says of all that it finds; counting.py, distances.py
pgd_search.py PGD as a row of the table; bisected_pgd.py: the smallest ε at which it succeeds
autoattack.py AutoAttack out of its parts: apgd.py, fab.py, square.py
table_foolbox.py, foolbox_methods.py, foolbox_search.py  the attacks that Foolbox runs, on our passes; handover.py: how
query_search.py  attacks that see decisions alone, an image at a time: cgba.py, foolbox_queries.py
grids.py      images on one grid for models of several input sizes
quantise.py   an attacked image in 8 bits, still inside the ball
"""
