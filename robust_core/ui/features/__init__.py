"""The parts of pages/live/features.py.

feature_controls.py (which experiment) → feature_jobs.py → ascents.py (what grew), input_gradients.py with
gradient_images.py (what a network is sensitive to)
"""
