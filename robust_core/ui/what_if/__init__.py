"""The parts of pages/live/what_if.py: whole_set.py (predictions for many images), sweeps.py (one image under many
conditions).
"""
