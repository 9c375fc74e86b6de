"""The front door: what `import robust_core as rc` exports, a file for each group. Read in this order:

models.py, image_sets.py      what a study is about: networks and images (arrays.py, given_labels.py)
attack.py, corruption.py, cues.py, attribution.py, benchmarks.py     the studies
outcomes.py, figures.py       what they return
running.py, stream.py         how they are driven: to the end with a bar, or event by event
threats.py                    attacks that have a name
"""
