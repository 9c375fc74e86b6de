"""Robustness Lab: how image classifiers answer when pictures change.

Reading the code? In this order:

errors.py, events.py        what goes wrong on purpose, and how long work reports
labels.py, images.py        classes and categories; from any file to pixels in [0, 1]
samples.py                  where pictures come from
models/                     spec.py and registry.py (the table), weights.py, loading.py, pool.py
predictions.py              what a model answers about pictures
jobs.py                     long work beside the screens
ui/                         shell.py first: what runs on every visit; then the pages in pages/
"""
