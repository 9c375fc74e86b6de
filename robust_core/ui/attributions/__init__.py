"""The parts of pages/live/attributions.py.

controls.py (what is explained, and how) → runs.py (the jobs) → grid.py (the maps) with render.py → export.py,
sections.py (looking further)
"""
