"""The insets of the Story page: what each preset shows, as numbers; and the photo at its top."""

import pytest

from robust_core.attacks.scoring import LAST_ITERATE
from robust_core.intervals import Interval
from robust_core.labels import MINI
from robust_core.recordings import shipped, store
from robust_core.studies.attack_curve import accuracies
from robust_core.ui.story import insets
from robust_core.ui.story.insets import INSETS
from robust_core.ui.story.orhan_claims import CLAIMS

BASELINE, WSL, AT = shipped.MODELS[MINI]


def effects(place: int) -> dict[str, float]:
    """Each model's number in percent."""
    inset, found = INSETS[place], {}
    for spec in inset.request().models:
        effect = inset.effect(store.find(inset.request().of(spec)).result)
        found[spec.key] = 100 * (effect.estimate if isinstance(effect, Interval) else effect)
    return found


@pytest.mark.parametrize(
    ("place", "better", "worse", "least"),
    [
        (0, WSL, BASELINE, 30),  # snow, severity 4
        (1, BASELINE, WSL, 50),  # flips: fewer are better
        (2, WSL, BASELINE, 15),  # hard scenes
        (3, WSL, BASELINE, 8),  # ten steps
        (4, AT, WSL, 30),  # fifty steps
        (5, WSL, BASELINE, 10),  # shape bias
    ],
)
def test_every_preset_shows_its_effect(place, better, worse, least):
    found = effects(place)
    assert found[better] - found[worse] >= least, found


def test_the_resistance_of_wsl_is_gone_after_fifty_steps():
    ten, fifty = effects(3), effects(4)
    assert ten[WSL] > 10
    assert fifty[WSL] < 5
    assert fifty[AT] > ten[AT] - 15


def test_there_is_an_inset_for_every_claim_and_a_recording_for_every_inset():
    assert len(INSETS) == len(CLAIMS)
    assert all(store.find(inset.request().of(spec)) for inset in INSETS for spec in inset.request().models)


def test_the_numbers_of_the_attack_are_those_of_the_curve():
    request = shipped.attack_request(MINI)
    result = store.find(request.of(request.models[1])).result
    (trajectory,) = result.trajectories[WSL]
    assert insets.after(10, result) == accuracies(trajectory.steps, LAST_ITERATE)[10]


def test_the_photo_at_the_top_is_fooled_as_a_file_holds_it():
    request = shipped.hero_request()
    (trajectory,) = store.find(request).result.trajectories[shipped.HERO_MODEL]
    frames, names = trajectory.frames[0], request.models[0].label_space.names
    assert names[frames.label[0]] == shipped.HERO_CLASS
    assert frames.probability[0] > 0.99
    assert names[frames.stored_prediction.label] == "tricycle"
    assert frames.stored_prediction.probabilities.max() > 0.99
    change = frames.stored.astype(int) - frames.attacked[0].astype(int)
    assert abs(change).max() == 1
