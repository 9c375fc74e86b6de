"""The parts of pages/live/shape_or_texture.py.

tabs.py (which view) → stimulus.py (one image), making.py (a conflict of one's own), votes.py (what models vote for) →
votes_run.py, responses.py (hundreds), gallery.py (the images behind the numbers), published.py (people and published
models); glasses.py (the view through a filter): glasses_runs.py → glasses_view.py, glasses_curves.py,
glasses_corruption.py
"""
