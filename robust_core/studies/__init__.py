"""The studies: one question put to models and images each. Page, terminal and notebook drive the same generators.

request.py, study_result.py   what a study is asked, as data; what it returns: a table, a figure, its provenance

predictions.py                what models predict for images; folder_accuracy.py: top-1, top-5 and ReaL on a folder
corruption_sweep.py           one image under many conditions; corruption_grid.py: many images
perturbation_sequence.py      one image along a sequence of ImageNet-P
object_edits.py               images with their object edited: scenes drawn again, photos cut and pasted
                              (edited_images.py); edited_predictions.py: how that is counted
calibration.py, ood.py        is confidence accuracy, is the unknown told from the known; both start from logits.py
attack_curve.py               accuracy against attack steps and against eps; attack_frames.py: images under attack
attack_comparison.py          attacks against each other; attack_outcome.py: what one came to, and two in one ball
smallest_change.py            the smallest change that fools; found_changes.py: what is found, breakability.py: one
                              image among others
query_curve.py                how near an attack comes that sees decisions alone; query_frames.py: one image then
defence_check.py              what a defence is worth, naive attack beside adaptive ones; defence_outcomes.py
attack_checks.py              whether such an accuracy can be believed; transfer_changes.py: what breaks other models
transfer_matrix.py            whether what fools one model fools another; severity_plane.py: corrupted, then attacked;
                              attacking.py: an attack of the table as a part of either
mixing.py                     models mixed, clean, corrupted and attacked; mixing_outcomes.py: what each mix comes to;
                              one_grid.py: models of several sizes on one grid of pixels
certified_radius.py           proof and attack of smoothed models on one axis; certified_images.py: single images
attribution_maps.py           where a model looks, and the evidence about a map; input_gradient.py
concepts.py                   what images of a class have in common for a model, and whether it depends on that;
                              concept_search.py: how it is found, concept_outcomes.py: what it comes to,
                              concept_claims.py: and whether that agrees with the paper; concept_maps.py: in one image,
                              concept_images.py: the crops
shape_bias.py                 which of two cues models decide for; own_stimuli.py: stimuli made to order
glasses.py                    the same through a filter before the model (glasses_responses.py); glasses_corruption.py:
                              accuracy under corruption through it
simplicity_biases.py          how smooth, quiet and selective units are; layer_biases.py: what a model's layers come to,
                              simplicity_claims.py: and whether that agrees with the paper
cue_removal.py                what is left without shape, texture or colour; cue_tests.py: the tests as a table
gradient_alignment.py         whether input gradients follow edges, and agree between models
linear_probe.py               what features are worth for other classes (penultimate_features.py, downstream_labels.py);
                              probed_models.py: and whether adversarial training helps them
fine_tuning.py                what training all weights adds; fine_tuned_models.py: what each model comes to
feature_similarity.py         how alike the features of models are
feature_visualization.py      what excites a unit or a class, by the experiments in feature_experiments.py

A study has a request (frozen; its `key` is a job's, its `identity` heads a CSV), a generator `run(request)` that yields
events, and a result. No study prints, draws or knows Streamlit.
"""
