"""Full benchmarks: the experiments, the machine that computes them, what the predictions come to, and the published
numbers beside them.

Reading the code? In this order:

experiment.py, experiments.py  what a row says: images, conditions, task, summary, protocol and quirks; the table, its
                               rows in experiments_imagenet.py and experiments_mini.py
tasks.py, summaries.py         what a model is asked about a batch; from predictions to numbers, by metrics.py
attack_tasks.py                what it is asked about attacks, smallest changes and certificates, and
attack_summaries.py            what these come to
run_configs.py, plans.py       what to run; its images (unit_images.py, labelled_sets.py), cut into units
stored_runs.py, runner.py      runs on the disk, and what has those units computed that are missing
executors.py, ray_executor.py  who computes them: this process, or actors on a Ray cluster (ray_actor.py)
unit_costs.py, forecasts.py    what the parts of a benchmark cost, measured, and what the whole will take
real_accuracy.py               what the ReaL labels say of stored predictions
image_means.py, clean_runs.py  means over images and conditions with their bootstrap; what the plan knows of the images
checking.py                    one number measured again
evidence.py, leaderboard.py    all numbers, published and computed, and the boards that they stand on
topics.py, training.py         what the benchmarks are about; how published models were trained
error_kinds.py                 the kinds of top-1 errors, and those of one model
trends.py, pairs.py            what ImageNet accuracy alone predicts; two models on the same images
sources.py                     the publications behind cache/published, with their licences
"""
