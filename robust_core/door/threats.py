"""Attacks that have a name, to be handed to `rc.pgd` in place of eps; `dataclasses.replace` changes one."""

from dataclasses import replace

from robust_core.attacks.threat import PAPER as ORHAN_2019
from robust_core.attacks.threat import ThreatModel, fgsm

__all__ = ["FGSM_4", "MADRY_4", "ORHAN_2019", "ThreatModel"]

FGSM_4 = fgsm(4 / 255)

# The white-box evaluation of ImageNet networks trained adversarially at 4/255 (Salman et al. 2020: 100 steps of eps ·
# 2.5 / 100).
MADRY_4 = replace(
    ORHAN_2019,
    eps=4 / 255,
    step_size=2.5 * 4 / 255 / 100,
    steps=100,
    aim="untargeted",
    start="random",
    stop_at_success=False,
)
