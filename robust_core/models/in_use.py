"""The models that somebody of this process holds in their hands, by key: wrapped networks, and rows of the table loaded
by themselves.

Catalogue and pool look here first, so that every study and experiment works with them as with any row; they are in no
list of models. They leave when nobody holds them any more.
"""

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:  # the catalogue looks here before torch is there
    from robust_core.models.loading import LoadedModel

_MODELS: "WeakValueDictionary[str, LoadedModel]" = WeakValueDictionary()


def hold(model: "LoadedModel") -> str:
    """Let `model` be found under its key from now on, whatever was before; returns the key."""
    _MODELS[model.spec.key] = model
    return model.spec.key


def release(key: str) -> None:
    """Let the table's own row be found under `key` again."""
    _MODELS.pop(key, None)


def held(key: str) -> "LoadedModel | None":
    """The model that is found under `key`, if any."""
    return _MODELS.get(key)
