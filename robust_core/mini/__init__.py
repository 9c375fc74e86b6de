"""Mini: a small synthetic world of sixteen kinds of objects, and models of half a megabyte that were trained on it.

It illustrates mechanisms and is no evidence for them; `cache/mini/CARD.md` says what it shows and what it fails to
show.

Reading the code? In this order:

scene_config.py                     every setting of a scene, and the configurations CLEAN, WIDE and HARD
canvas.py, shapes.py                silhouettes
batch_rng.py, noise.py, profiles.py what surfaces and backgrounds are made of
textures.py                         surfaces
backgrounds.py, camera.py           what lies behind, and what a camera makes of it
world.py, splits.py                 scenes, and the sets of images made of them
object_edits.py                     one scene drawn again with its object edited
downstream_tasks.py                 classes that no model was trained on; downstream_images.py draws them, with
                                    new_shapes.py and new_surfaces.py
identity.py, golden_images.py       which world this is, and whether it still looks the same; sheets.py: to look at
recipes.py, training.py, weights.py how the models are made and kept
predictions.py, measurement.py      what they do
hard_set.py, families.py            mini-A, and measurements that are kept
claims.py, seeds.py, card.py        what is claimed, whether it holds with other seeds, and the model card
"""
