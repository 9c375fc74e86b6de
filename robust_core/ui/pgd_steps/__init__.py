"""The parts of pages/attack/pgd_steps.py.

attacked_images.py (what is attacked), attack_controls.py (how), forecast.py (how long) → attack_jobs.py (recorded, or
asked for) →
attack_stage.py (curves and one image side by side) with attack_curves.py and attack_frames.py (its last frames to take
away) → below_curves.py (caveats, every image's label, CSV), attack_checks.py (whether it can be believed)
"""
