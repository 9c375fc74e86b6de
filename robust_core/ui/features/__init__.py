"""The parts of pages/live/features.py.

controls.py (which experiment) → runs.py (the jobs) → films.py (what grew), gradients.py with render.py (what a network
is sensitive to)
"""
