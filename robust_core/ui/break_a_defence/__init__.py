"""The parts of the page Break a defence: proof.py (proof and attack on one axis), proof_run.py (its runs)."""
