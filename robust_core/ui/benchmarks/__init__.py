"""The parts of pages/evidence/benchmarks.py: one module per view, and what views share.

Shared: views.py (which view), panel.py (its settings), answers.py (what it says), choice.py (which board),
known_models.py (who is who), points.py, row_table.py, board_words.py
Views: ranking.py (scorings.py: ImageNet-A scored in both ways), corruptions.py, attacks.py, flip_rates.py,
calibration.py, error_kinds.py, factors.py, certificates.py, shape.py, scatter.py with its fitted_line.py, one.py,
pair.py, check.py, start.py
"""
