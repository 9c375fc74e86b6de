"""The parts of pages/reuse/transfer_learning.py.

views.py, classes.py (which view, and which classes are new to the models) → probe.py (probe_curves.py), similarity.py,
fine_tuning.py (the views; own_zip.py: a visitor's own classes) → published.py (what Salman et al. 2020 published)
"""
