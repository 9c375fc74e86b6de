"""The parts of pages/attack/smallest_change.py.

change_controls.py (in which norm, how long), image_sets.py (which images) → change_runs.py (recorded, or asked for) →
one_image.py (how breakable is my photo) with share_card.py, many_images.py (security curves)
query_runs.py → query_curves.py (distance against queries)
"""
