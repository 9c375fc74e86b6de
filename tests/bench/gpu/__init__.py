"""What a GPU computes, checked against the CPU, and how fast it is: a package, as it is one command with many parts.

Read in this order: cases.py (what a check is, and the order of all), budget.py (the six minutes), machine.py (the card,
its matrix peak, TF32), networks.py (which networks and images), judging.py (when two devices agree), then a file for
each part, and table.py (what is printed).
"""
