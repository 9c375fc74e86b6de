"""How each model of the mini family is trained: a table, and the hash that identifies a row."""

import hashlib
import json
from dataclasses import MISSING, asdict, dataclass, fields, replace

from robust_core.errors import UnknownName
from robust_core.mini.splits import STREAM, STREAM_ATYPICAL, STREAM_PLAIN, STYLISED, TRAIN, Split


@dataclass(frozen=True)
class Adversary:
    """Projected gradient descent inside training: `eps` in pixel units, grown from 0 over the first `ramp_fraction` of
    the steps.
    """

    eps: float
    step_of_eps: float
    steps: int
    ramp_fraction: float


@dataclass(frozen=True)
class Phase:
    """Some epochs over the images of one or more splits, labelled with their shape or with hashtags.

    noise_std    deviation of the Gaussian noise, in pixel units, that each image gets anew (Cohen et al. 2019,
                 section 3.3); nothing is clipped
    temperature  what the logits are divided by in the loss; the last layer begins as many times larger, so that what
                 is left of them begins as ever
    teacher      whether the network that it ends with labels the images of the next phase, with its softmax at the
                 same temperature, and that phase begins with new weights (Papernot et al. 2016, section IV)
    """

    splits: tuple[Split, ...]
    hashtags: bool
    epochs: int
    peak_learning_rate: float
    adversary: Adversary | None
    noise_std: float = 0.0
    temperature: float = 1.0
    teacher: bool = False


UNSAID = {field.name: field.default for field in fields(Phase) if field.default is not MISSING}


@dataclass(frozen=True)
class Recipe:
    """The phases of one model, and what every model shares: AdamW with one learning-rate cycle per phase."""

    key: str
    phases: tuple[Phase, ...]
    batch_size: int = 64
    weight_decay: float = 0.02
    warm_up_fraction: float = 0.15
    shift_px: int = 4


PGD_8 = Adversary(eps=8 / 255, step_of_eps=0.5, steps=3, ramp_fraction=0.25)
FINE_TUNING = Phase((TRAIN,), hashtags=False, epochs=10, peak_learning_rate=5e-4, adversary=None)

CLEAN = Phase((TRAIN,), hashtags=False, epochs=60, peak_learning_rate=2e-3, adversary=None)


def _distilled(temperature: float) -> tuple[Phase, Phase]:
    """A teacher and its student, both trained at the same temperature."""
    student = replace(CLEAN, epochs=24, temperature=temperature)
    return replace(student, teacher=True), student


def _adversarially_trained(name: str, eps: float) -> Recipe:
    """The recipe of mini_resnext_at8 at another `eps`, in pixel units; 0 is the same training without an adversary."""
    adversary = replace(PGD_8, eps=eps) if eps else None
    return Recipe(f"mini_resnext_{name}", (Phase((TRAIN,), False, 40, 2e-3, adversary),))


RECIPES = {
    recipe.key: recipe
    for recipe in (
        Recipe("mini_resnext", (Phase((TRAIN,), False, 120, 2e-3, None),)),
        Recipe("mini_resnext_wsl", (Phase((STREAM,), True, 5, 2e-3, None), FINE_TUNING)),
        Recipe("mini_resnext_at8", (Phase((TRAIN,), False, 40, 2e-3, PGD_8),)),
        Recipe("mini_resnext_stylised", (Phase((TRAIN, STYLISED), False, 12, 2e-3, None),)),
        Recipe("mini_resnext_wsl_plain", (Phase((STREAM_PLAIN,), True, 5, 2e-3, None), FINE_TUNING)),
        Recipe("mini_resnext_wsl_atypical", (Phase((STREAM_ATYPICAL,), True, 5, 2e-3, None), FINE_TUNING)),
        Recipe("mini_resnext_wsl_wide", (Phase((STREAM,), True, 5, 2e-3, None), FINE_TUNING)),
        Recipe("mini_resnext_distilled_1", _distilled(1.0)),
        Recipe("mini_resnext_distilled_20", _distilled(20.0)),
        Recipe("mini_resnext_distilled_100", _distilled(100.0)),
        Recipe("mini_resnext_noise_012", (replace(CLEAN, noise_std=0.12),)),
        Recipe("mini_resnext_noise_025", (replace(CLEAN, noise_std=0.25),)),
        Recipe("mini_resnext_noise_050", (replace(CLEAN, noise_std=0.5),)),
        _adversarially_trained("at0", 0.0),
        _adversarially_trained("at05", 0.5 / 255),
        _adversarially_trained("at1", 1 / 255),
        _adversarially_trained("at2", 2 / 255),
        _adversarially_trained("at4", 4 / 255),
        _adversarially_trained("at16", 16 / 255),
    )
}


def get_recipe(key: str) -> Recipe:
    """The recipe of a model; UnknownName when there is none."""
    if key not in RECIPES:
        raise UnknownName("mini model", key, RECIPES)
    return RECIPES[key]


def recipe_hash(recipe: Recipe) -> str:
    """Sixteen hexadecimal digits over every number of the recipe, the scene configurations of its splits included.

    What a phase can do since the first weights were shipped has a default, and goes without saying.
    """
    plain = asdict(recipe)
    plain["phases"] = [
        {name: value for name, value in phase.items() if name not in UNSAID or value != UNSAID[name]}
        for phase in plain["phases"]
    ]
    for phase in plain["phases"]:
        for split in phase["splits"]:
            split["dials"] = split.pop("config")  # its name when the shipped weights were trained
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]
