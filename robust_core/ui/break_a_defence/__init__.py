"""The parts of pages/attack/break_a_defence.py: proof.py (proof and attack on one axis), proof_run.py (its runs)."""
