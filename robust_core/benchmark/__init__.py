"""Full benchmarks: what the raw answers of a model come to, and where the published numbers are from.

Reading the code? In this order:

metrics.py   accuracy, errors and flips relative to AlexNet, calibration, and two models on the same pictures
sources.py   the publications behind cache/published, with their licences, and the page that names them
"""
