"""Robustness Lab: how image classifiers answer when pictures change.

Reading the code? In this order:

errors.py, events.py        what goes wrong on purpose, and how long work reports
labels.py, images.py        classes and categories; from any file to pixels in [0, 1]
models/                     spec.py and registry.py (the table), weights.py, loading.py, pool.py
corruptions/                what if it had been foggy; perturbations.py makes films of it
attacks/                    what if somebody meant harm
cue_conflict/               how 1,000 answers become one of 16 categories
mini/                       the drawn miniature world and its models
samples/                    where pictures come from
predictions.py, sweeps.py   what a model answers about a picture, and about one picture under many conditions
curves.py, results.py       accuracy against attack steps, and what was published about it
jobs.py                     long work beside the screens
ui/                         shell.py first: what runs on every visit; then the pages in pages/

`python -m robust_core.models`, `.samples`, `.mini` and `.attacks` do in a terminal what needs no screen.
"""
