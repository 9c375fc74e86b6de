"""An attack of the table as a part of a study: its progress in the attack's own unit, and what it came to."""

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from robust_core.attacks.config import AttackConfig
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    import numpy as np
    from torch import Tensor

    from robust_core.attacks.search import Attacked
    from robust_core.models.loading import LoadedModel


def require_eps(attack: AttackConfig) -> None:
    """Raise BadInput for an attack that looks for the smallest change and so has no ball."""
    if attack.eps is None:
        raise BadInput(f"{attack.row.title} looks for the smallest change; expected an attack with an eps.")


def attacked(
    model: "LoadedModel",
    pixels: "Tensor",
    labels: Sequence[int | None],
    config: AttackConfig,
    *,
    indices: Sequence[int] | None = None,
    persist: bool = False,
) -> "Generator[Progress, None, Attacked]":
    """As `attacks.search.attack`, whose steps or queries are told as Progress."""
    from robust_core.attacks.search import Standing, attack

    done = 0

    def told(event: Any) -> Progress:
        nonlocal done
        done = event.done if isinstance(event, Standing) else done
        return Progress(done, config.steps, config.row.unit, "attacking")

    work = attack(model, pixels, labels, config, indices=indices, persist=persist)
    return (yield from mapped(work, told))


def predicted(model: "LoadedModel", pixels: "Tensor") -> "Generator[Progress, None, np.ndarray]":
    """(B,) the class that the model predicts for each of `pixels` (B,3,H,W); its progress is no step of an attack's,
    and not told.
    """
    from robust_core.attacks.passes import Passes

    logits = yield from mapped(Passes(model, *pixels.shape[2:]).forward(pixels.to(model.device)), lambda _: None)
    return logits.argmax(1).numpy()
