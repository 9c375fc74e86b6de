"""The parts of pages/attack/compare_attacks.py.

transfer_matrix.py (does what fools one model fool another), published_transfer.py (what others measured of it),
severity_plane.py (corrupted, then attacked)
"""
