"""The parts of pages/evidence/benchmarks.py: one module per view, and what views share.

Shared: choice.py (which board), models.py (who is who), points.py and charts.py (figures), table.py, words.py
Views: leaderboard, corruptions, attacks, frame sequences, calibration, shape, scatter, one, pair, check, start
"""
