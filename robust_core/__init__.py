"""Robustness Lab: how image classifiers answer when pictures change.

Reading the code? In this order:

errors.py, events.py        what goes wrong on purpose, and how long work reports
labels.py, images.py        classes and categories; from any file (image_files/) to pixels in [0, 1]
models/                     spec.py and registry.py (the table), weights.py, loading.py, pool.py
corruptions/                what if it had been foggy; perturbations.py makes films of it
attacks/                    what if somebody meant harm
cue_conflict/               shape or texture: decisions, votes, style transfer, and pictures with a cue taken away
attributions/               where a model looks, and whether the map can be believed
mini/                       the drawn miniature world and its models
samples/                    where pictures come from
uploads/                    what visitors bring: files and .zip archives, in memory
predictions.py, sweeps.py   what a model answers about a picture, and about one picture under many conditions
curves.py                   accuracy against attack steps and against eps
stimulus_sets.py, own_stimuli.py, shape_bias.py   cue conflicts: published, drawn, made to order; and the votes of many
explanations.py             one picture, many maps
feature_experiments.py, features.py               what excites a unit or a class
results.py, benchmark/      what was published, and the runner of full benchmarks
jobs/                       long work beside the screens
cli/                        the commands: `python -m robust_core` does in a terminal what needs no screen
ui/                         shell.py first: what runs on every visit; then the pages in pages/
"""
