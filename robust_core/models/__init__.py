"""The models: what they are, where their weights come from, and how they become networks that predict.

Read in this order: spec.py (what a row says), architectures.py and registry.py (the tables), catalogue.py (the table
and the user's own files), weights.py (find, download, verify), loading.py (from a row to a network), finite.py (whether
what it computes is finite), batches.py (as many images at once as the device takes), pool.py (loaded models within a
memory budget), copies.py (what attacks may compute with in its place: folding.py, batch norm folded into convolutions;
reduced.py, bfloat16 behind a float32 stem). How the user's own files become rows is in imports.py and
import_records.py; below it checkpoints.py reads files, containers.py finds the weights in them, tensors.py makes them
plain, file_kinds.py and refusals.py say what a wrong file is, class_lists.py and preprocessing.py read what is said
about a network. training_eps.py says which models are one series. `python -m robust_core models` does from a shell what
the Models page does.

Importing this package does not import torch.
"""

from typing import TYPE_CHECKING

from robust_core.models.catalogue import get_spec, list_models

if TYPE_CHECKING:
    import torch

    from robust_core.models.loading import LoadedModel

__all__ = ["get_spec", "list_models", "load"]


def load(key: str, device: "torch.device | str | None" = None) -> "LoadedModel":
    """The model called `key`, ready to predict, on `device` (None: the best there is).

    Raises UnknownName, or WeightsUnavailable when the weights are not on this machine or do not fit.
    """
    from robust_core.models import loading

    return loading.load(key, device)
