"""The parts of pages/live/shape_or_texture.py.

stimulus.py (one picture and the votes on it), making.py (a conflict of one's own) → poll.py (hundreds), gallery.py (the
pictures behind the numbers), published.py (people and published models), charts.py
"""
