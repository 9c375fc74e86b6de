"""The embedded Mini: sixteen kinds of drawn objects, and models of half a megabyte that were trained on
them.

It illustrates mechanisms and is no evidence for them; `cache/mini/CARD.md` says what it shows and what it fails to
show.

Reading the code? In this order:

dials.py                            every dial of the world, and the settings CLEAN, WIDE and HARD
pen.py, shapes.py                   silhouettes
dice.py, noise.py, profiles.py      what surfaces and backgrounds are made of
textures.py                         surfaces
backgrounds.py, image.py       what lies behind, and how it is photographed
world.py, splits.py                 scenes, and the sets of images made of them
identity.py, corruption grid.py         which world this is, and whether it still looks the same
recipes.py, training.py, weights.py how the models are made and kept
predictions.py, measurement.py          what they do
hard_set.py, families.py            mini-A, and measurements that are kept
claims.py, seeds.py, card.py        what is claimed, whether it holds with other seeds, and the model card
"""
