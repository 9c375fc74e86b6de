"""The page on defences. controls.py: which defence, and how it is attacked; runs.py: a run and what it came to;
duel.py: the naive attack beside the adaptive ones; all_defences.py: what is known of every defence under the same settings.
"""
