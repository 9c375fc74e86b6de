"""The studies: one question put to models and images each, as a generator that yields events and returns its result.

shape_bias.py        which of two cues do models decide for
corruption_grid.py   accuracy under every corruption at every severity, live
"""
