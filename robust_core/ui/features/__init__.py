"""The parts of pages/live/features.py.

views.py (which view) → excite.py: feature_controls.py (which experiment) → feature_jobs.py → ascents.py (what grew),
input_gradients.py with gradient_images.py (what a network is sensitive to)
layer_profiles.py, cue_profiles.py, gradient_alignment.py: simplicity biases of a set of images, with bias_runs.py
"""
