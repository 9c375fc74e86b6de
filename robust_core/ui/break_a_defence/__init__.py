"""The parts of pages/attack/break_a_defence.py.

controls.py (which defence, and how it is attacked) → runs.py (a run, and what it came to) → duel.py (the naive attack
beside the adaptive ones), all_defences.py (every defence under the same settings); proof_run.py → proof.py (proof and
attack on one axis)
"""
