"""The parts of pages/live/what_if.py: whole_set.py (predictions for many images), sweeps.py (one image under many
conditions), set_sections.py (calibration in reliability.py, unknown_images.py; both end in a result_table.py).
"""
