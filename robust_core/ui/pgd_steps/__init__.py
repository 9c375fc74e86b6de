"""The parts of pages/live/pgd_steps.py.

pictures.py (what is attacked), controls.py (how) → runs.py (the jobs) → curves.py, results.py, film.py
"""
