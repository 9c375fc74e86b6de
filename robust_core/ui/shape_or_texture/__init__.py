"""The parts of pages/live/shape_or_texture.py.

stimulus.py (one image and the votes on it), making.py (a conflict of one's own) → poll.py (hundreds), gallery.py (the
images behind the numbers), published.py (people and published models), charts.py
"""
