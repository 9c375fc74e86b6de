"""The parts of pages/reuse/mixing_desk.py.

controls.py (what is mixed, how much of each, and what is measured) → runs.py (the ladder of mixes, and one mix alone) →
desk.py (the frontier, and the chosen mix in numbers) → published.py (what the papers report, and what Mini says to it)
"""
