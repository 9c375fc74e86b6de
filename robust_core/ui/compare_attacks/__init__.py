"""The parts of pages/attack/compare_attacks.py.

views.py (which view) → controls.py (which attacks, in which balls) → comparison_run.py (recorded, or asked for;
costs.py: how long) → headline.py (what the strongest says against PGD), bars.py (what each leaves, and at what cost),
curves.py (over ε, over passes), published.py (what others measured); transfer_matrix.py (does what fools one model fool
another), published_transfer.py (what others measured of it), severity_plane.py (corrupted, then attacked), both with
pgd_choice.py (the attack of either)
"""
