"""The front door: what `import robust_core as rc` exports, a file for each group. Read in this order:

models.py, given_images.py    what a study is about: networks and images (arrays.py, given_labels.py, drawn_images.py,
                              given_stimuli.py),
                              and in which condition (conditions.py)
attack.py, attack_comparison.py, smallest_change.py, query_curve.py, transfer.py, severity.py, defences.py,
certificates.py, mixing.py, corruption.py, predictions.py, edits.py, cues.py, glasses.py, attribution.py,
changing_maps.py, concepts.py, features.py, simplicity.py, downstream.py,
confidence.py, benchmarks.py  from arguments as people write them to a request; attack_configs.py: attacks of the table
code.py                       the way back: from a request to the code that asks it (merging.py, code_settings.py,
                              named_images.py, literals.py)
running.py, stream.py         how a study is driven: to the end with a bar, or event by event
threats.py                    attacks that have a name
"""
