"""What a model's confidence is worth, as arithmetic on logits and scores, without PyTorch.

calibration.py    is a confidence of 80% right in 80% of cases: bins, ECE, NLL, Brier score, temperature
separation.py     do known images score higher than unknown ones: AUROC, FPR95, AUPR
"""
