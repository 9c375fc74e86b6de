"""Adversarial attacks by projected gradient descent. Read threat, balls, goals, pgd, scoring, caveats, in this order.

threat.py     ThreatModel: what the attacker may do, and how the attack is run; PAPER is the published protocol
balls.py      the geometry of each norm: distance, direction, projection, random start
goals.py      Goal: the label that counts as correct and the target, per image
pgd.py        one trajectory whose every step is an AttackStep; draws.py: its random numbers, passes.py: one gradient
scoring.py    what a trajectory says: last iterate, any step so far, the paper's rule
caveats.py    what must be said beside the number
quantise.py   an attacked image in 8 bits, still inside the ball
"""
