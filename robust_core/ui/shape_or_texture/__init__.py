"""The parts of pages/live/shape_or_texture.py.

stimulus.py (one image, and what models decide for), making.py (a conflict of one's own) → responses.py (hundreds),
gallery.py (the images behind the numbers), published.py (people and published models)
"""
