"""Cue-conflict stimuli as people name them: a folder, its name in ROBUST_LAB_DATA, or Mini's own."""

from pathlib import Path

from robust_core import settings
from robust_core.checks import whole
from robust_core.data.stimulus_sets import StimulusSet, folder_set, stimulus_folders, synthetic_set
from robust_core.errors import BadInput

SYNTHETIC = "mini"


def as_stimuli(stimuli: "str | Path | StimulusSet", seed: int, as_orhan: bool) -> StimulusSet:
    """The set that is meant, in the order that `seed` makes for a folder; raises BadInput where there is none."""
    if isinstance(stimuli, StimulusSet):
        return stimuli
    seed = whole("seed", seed, 0)
    if stimuli == SYNTHETIC:
        return synthetic_set()
    root = settings.data_dir()
    known = stimulus_folders(root) if root is not None and root.is_dir() else {}
    folder = known.get(str(stimuli)) or (Path(stimuli).expanduser() if isinstance(stimuli, str | Path) else None)
    if folder is None or not folder.is_dir():
        raise BadInput(f'Expected a folder of stimuli, or "{SYNTHETIC}"; got {stimuli!r}.')
    return folder_set(folder, seed=seed, as_orhan=as_orhan)
