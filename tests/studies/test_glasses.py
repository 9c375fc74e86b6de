"""Shape bias through glasses: known networks flip where theory says, and nothing changes without a filter."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from robust_core.cue_conflict.decisions import NAMES, RULES
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.data.stimulus_sets import StimulusImage, StimulusSet, synthetic_set
from robust_core.errors import BadInput, UnknownName
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.resampling import OVER_EXEMPLARS
from robust_core.studies import glasses, shape_bias
from robust_core.studies.glasses import GlassesRequest, responses_so_far
from robust_core.studies.glasses_responses import (
    CHANCE_COVERAGE,
    COVERAGE,
    METRICS,
    SHAPE_BIAS,
    SHAPES,
    TEXTURES,
    GlassesResponses,
)
from robust_core.studies.shape_bias import ShapeBiasRequest
from tests.outcomes import events_and_result
from tests.tiny import as_model

SIDE_PX, COARSE, FINE = 64, 2, 16  # half waves across the image
SHAPE, TEXTURE = "cat", "dog"
RULE = RULES[0]


def wave(half_waves: int) -> torch.Tensor:
    """A cosine (side, side) that continues when it is mirrored at the borders."""
    return torch.cos(math.pi * half_waves / SIDE_PX * (torch.arange(SIDE_PX) + 0.5)).expand(SIDE_PX, SIDE_PX)


class TwoFrequencies(nn.Module):
    """Decides for the shape by how much there is of the coarse wave, for the texture by that of the fine one."""

    def forward(self, pixels):
        grey = pixels.mean(1) - 0.5
        logits = torch.full((len(pixels), len(NAMES)), -1.0)
        for name, half_waves in ((SHAPE, COARSE), (TEXTURE, FINE)):
            logits[:, NAMES.index(name)] = (grey * wave(half_waves)).mean((1, 2))
        return logits


def flips_at_px(coarse: float, fine: float) -> float:
    """The σ at which a blur leaves as much of the fine wave as of the coarse one, by exp(-σ²ω²/2)."""
    omega = [math.pi * half_waves / SIDE_PX for half_waves in (COARSE, FINE)]
    return math.sqrt(2 * math.log(fine / coarse) / (omega[1] ** 2 - omega[0] ** 2))


def stimuli_of(mixtures: list[tuple[float, float]]) -> StimulusSet:
    """A stimulus for each (coarse, fine): what there is of the shape's wave and of the texture's."""

    def at(place: int) -> StimulusImage:
        coarse, fine = mixtures[place]
        grey = 0.5 + coarse * wave(COARSE) + fine * wave(FINE)
        rgb = (255 * grey).round().byte()[..., None].expand(-1, -1, 3).contiguous().numpy()
        image = LabelledImage.of_pixels(rgb, f"mixture {place}", "a test", label_space=MINI, centre_crop_only=True)
        return StimulusImage(Stimulus(str(place), f"mixture {place}", SHAPE, TEXTURE), image, None)

    ids = tuple(map(str, range(len(mixtures))))
    return StimulusSet(("made", tuple(mixtures)), "Mixtures", ids, "All of them.", at)


MIXTURES = [(0.1, 0.1 * ratio) for ratio in (1.2, 1.5, 2.0, 3.0)]
FLIPS_AT_PX = [flips_at_px(*one) for one in MIXTURES]


@pytest.fixture
def two_frequencies(held):
    return held(as_model(TwoFrequencies(), "two_frequencies", side_px=SIDE_PX))


def asked_of(spec, stimuli, strengths, key="blur"):
    return result_of(glasses.run(GlassesRequest((spec,), stimuli, stimuli.count, key, tuple(strengths)))).by_model[0]


def test_a_network_of_two_frequencies_flips_from_texture_to_shape_where_theory_says(two_frequencies):
    strengths = sorted(at + step for at in FLIPS_AT_PX for step in (-0.06, 0.06))
    responses = asked_of(two_frequencies, stimuli_of(MIXTURES), strengths)
    assert responses.strengths == (None, *strengths)
    expected = [sum(at < strength for at in FLIPS_AT_PX) / len(MIXTURES) for strength in (0.0, *strengths)]
    assert [responses.votes(place, RULE).shape_bias for place in range(len(expected))] == expected
    assert expected[0] == 0
    assert expected[-1] == 1
    assert all(responses.votes(place, RULE).coverage == 1 for place in range(len(expected)))


def test_a_high_pass_turns_the_same_network_back_to_texture(two_frequencies):
    coarse_wins = stimuli_of([(0.2, 0.05)])
    responses = asked_of(two_frequencies, coarse_wins, [8.0, 2.0], "high_pass")
    assert [responses.votes(place, RULE).shape_bias for place in range(3)] == [1, 1, 0]


def test_a_network_that_sees_the_fine_wave_alone_loses_it_and_gains_no_shape(held):
    class Fine(nn.Module):
        """Without enough of the fine wave it decides for a category that is no cue."""

        def forward(self, pixels):
            logits = torch.full((len(pixels), len(NAMES)), -1.0)
            logits[:, NAMES.index(TEXTURE)] = ((pixels.mean(1) - 0.5) * wave(FINE)).mean((1, 2))
            logits[:, NAMES.index("truck")] = 0.01
            return logits

    responses = asked_of(held(as_model(Fine(), "fine", side_px=SIDE_PX)), stimuli_of(MIXTURES), [8.0])
    assert [responses.votes(place, RULE).texture for place in (0, 1)] == [4, 0]
    assert responses.votes(1, RULE).shape_bias is None
    assert responses.interval(1, RULE, SHAPE_BIAS) is None
    assert responses.interval(1, RULE, COVERAGE).estimate == 0


# What a run comes to.


@pytest.fixture(scope="module")
def of_mini():
    specs = tuple(map(get_spec, ("mini_resnext", "mini_resnext_stylised")))
    return events_and_result(glasses.run(GlassesRequest(specs, synthetic_set(), 40, "blur", (2.0, 0.0, 1.0))))


def test_without_a_filter_it_is_the_shape_bias_study_decision_by_decision(of_mini):
    _, result = of_mini
    specs = tuple(one.spec for one in result.by_model)
    for mine, theirs in zip(
        result.by_model, result_of(shape_bias.run(ShapeBiasRequest(specs, synthetic_set(), 40))).by_model, strict=True
    ):
        for rule in RULES:
            assert mine.decisions[rule.key][0].tolist() == theirs.decisions(rule).tolist()
            assert mine.votes(0, rule) == theirs.votes(rule)
            pair = mine.interval(0, rule, SHAPE_BIAS), mine.interval(0, rule, COVERAGE)
            assert pair == theirs.intervals(rule)
        assert mine.stimuli == theirs.stimuli


def test_the_curve_grows_with_every_strength(of_mini):
    events, result = of_mini
    grown = [event for event in events if isinstance(event, GlassesResponses)]
    assert [len(one.strengths) for one in grown] == [1, 2, 3, 1, 2, 3]
    assert grown[2] is result.by_model[0]
    assert responses_so_far(events) == list(result.by_model)
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert {event.total for event in events if isinstance(event, Progress)} == {2 * 3 * 40}


def test_the_table_is_tidy_and_its_counts_agree(of_mini):
    frame = of_mini[1].frame
    assert len(frame) == 2 * 3 * len(METRICS)
    first = frame[frame["model"] == "mini_resnext"].set_index(["strength", "metric"])
    for strength in (0.0, 1.0, 2.0):
        bias, coverage, shapes, textures = (first.loc[(strength, one)] for one in METRICS)
        assert coverage["n"] == shapes["n"] == textures["n"] == 40
        assert coverage["value_percent"] == pytest.approx(shapes["value_percent"] + textures["value_percent"])
        assert bias["n"] == round(0.4 * coverage["value_percent"])
        assert bias["value_percent"] == pytest.approx(100 * shapes["value_percent"] / coverage["value_percent"])
        for row in (bias, coverage, shapes, textures):
            assert row["low_percent"] <= row["value_percent"] <= row["high_percent"]
    assert set(frame["filter"]) == {"none", "blur"}
    assert set(frame["input_px"]) == {"64 × 64"}
    assert len(of_mini[1].figure().data) == 2 * 2 * 2


def test_without_a_strength_that_is_off_the_bare_network_has_none(two_frequencies):
    request = GlassesRequest((two_frequencies,), stimuli_of(MIXTURES), 4, "high_pass", (2.0,))
    result = result_of(glasses.run(request))
    assert result.frame["strength"].isna().sum() == len(METRICS)
    assert len(result.figure().data) == 4


# What it says.


def made(shapes: list[int], textures: list[int], n: int = 1000, **changes) -> GlassesResponses:
    """Responses with so many decisions of each kind at each strength."""
    at = NAMES.index(SHAPE), NAMES.index(TEXTURE), NAMES.index("truck")
    rows = [
        [at[0]] * shape + [at[1]] * texture + [at[2]] * (n - shape - texture)
        for shape, texture in zip(shapes, textures, strict=True)
    ]
    strengths = (None, *(float(one) for one in range(1, len(shapes))))
    stimuli = tuple(Stimulus(str(one), "", SHAPE, TEXTURE) for one in range(n))
    decisions = {rule.key: np.array(rows, np.uint8) for rule in RULES}
    spec = get_spec("mini_resnext")
    return replace(
        GlassesResponses(spec, "cpu", "blur", strengths, stimuli, decisions, (64, 64), 1.0),
        **changes,
    )


def test_the_finding_names_the_clearest_change_and_ignores_what_guessing_gives():
    assert made([300, 400, 100], [500, 300, 100]).clearest_change(RULE) == 1
    assert made([300, 280, 70], [500, 500, 55]).clearest_change(RULE) is None, "overlap, and coverage of guesses"
    said = made([300, 400, 100], [500, 300, 100]).finding(RULE)
    assert "blur (σ 1 px) raises its shape bias from 37.5% [34.2%, 40.9%], n = 800, to 57.1%" in said
    assert said.endswith("coverage goes from 80.0% to 70.0% of 1,000 stimuli.")
    assert "lowers" in made([300, 200], [500, 500]).finding(RULE)
    assert "changes its shape bias clearly" in made([300, 290], [500, 500]).finding(RULE)
    assert made([0, 0], [0, 0]).clearest_change(RULE) is None


def test_what_guessing_gives_is_said(of_mini):
    assert pytest.approx(0.125) == CHANCE_COVERAGE
    sentences = of_mini[1].sentences()
    assert any("1 px is 1.6% of its side" in one for one in sentences)
    assert any("covers 12.5% and has a shape bias of 50%" in one for one in sentences)


def test_intervals_of_shape_and_texture_decisions_count_all_stimuli():
    responses = made([300], [500])
    assert (responses.interval(0, RULE, SHAPES).estimate, responses.interval(0, RULE, SHAPES).n) == (0.3, 1000)
    assert (responses.interval(0, RULE, TEXTURES).estimate, responses.interval(0, RULE, TEXTURES).n) == (0.5, 1000)


def test_stimuli_that_share_exemplars_have_wider_intervals():
    plain = made([300], [500])
    shared = tuple(
        replace(one, exemplars=(f"cat{place % 8}", f"dog{place % 5}")) for place, one in enumerate(plain.stimuli)
    )
    clustered = replace(plain, stimuli=shared)
    for metric in METRICS:
        narrow, wide = plain.interval(0, RULE, metric), clustered.interval(0, RULE, metric)
        assert wide.estimate == pytest.approx(narrow.estimate)
        assert wide.method == OVER_EXEMPLARS
        assert wide.high - wide.low >= narrow.high - narrow.low - 1e-9


# Misuse.


@pytest.mark.parametrize(
    ("changes", "error", "expected"),
    [
        ({"models": ()}, BadInput, "no model"),
        ({"n": 0}, BadInput, "from 1 to 1,024"),
        ({"n": 1025}, BadInput, "from 1 to 1,024"),
        ({"strengths": ()}, BadInput, "from 1 to 50 strengths"),
        ({"strengths": (-1.0,)}, BadInput, "from 0 to 20"),
        ({"input_filter": "sunglasses"}, UnknownName, "no filter called 'sunglasses'"),
    ],
)
def test_what_cannot_be_asked_is_refused(changes, error, expected):
    request = GlassesRequest((get_spec("mini_resnext"),), synthetic_set(), 8, "blur", (1.0,))
    with pytest.raises(error, match=expected):
        replace(request, **changes)
