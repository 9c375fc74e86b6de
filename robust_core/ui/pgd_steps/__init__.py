"""The parts of pages/live/pgd_steps.py.

attacked_images.py (what is attacked), attack_controls.py (how) → attack_jobs.py → attack_curves.py, below_curves.py
(caveats, every image's label, CSV), attack_checks.py (whether it can be believed), attack_frames.py
"""
