import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from robust_core.cue_conflict.decisions import NAMES
from robust_core.cue_conflict.stimuli import KEPT_BY_ORHAN, Stimulus
from robust_core.cue_conflict.votes import (
    Cue,
    CueVotes,
    PairedVotes,
    by_category,
    compare,
    cue_of,
    cues_of,
    matrix,
    tally,
)
from robust_core.errors import BadInput
from robust_core.intervals import score_bounds, wilson
from robust_core.resampling import OVER_EXEMPLARS


def stimulus(shape, texture):
    return Stimulus(f"{shape}/{texture}", f"{shape}1-{texture}1.png", shape, texture)


def decisions(*names):
    return [NAMES.index(name) for name in names]


CAT_DOG, CAT_OVEN, BOAT_DOG = stimulus("cat", "dog"), stimulus("cat", "oven"), stimulus("boat", "dog")


def test_votes_are_counted_by_the_cue_that_they_follow():
    votes = tally(decisions("cat", "oven", "truck"), [CAT_DOG, CAT_OVEN, BOAT_DOG])
    assert votes == CueVotes(shape=1, texture=1, n=3)
    assert votes.shape_bias == 0.5
    assert votes.coverage == pytest.approx(2 / 3)
    assert votes.shape_bias_interval.n == 2, "the interval of the shape bias is about the decided images alone"
    assert votes.coverage_interval.n == 3


def test_where_nothing_was_decided_there_is_no_shape_bias():
    votes = tally(decisions("truck", "truck"), [CAT_DOG, CAT_OVEN])
    assert votes.shape_bias is None
    assert votes.shape_bias_interval is None
    assert votes.coverage == 0


def test_without_images_there_is_nothing_to_say():
    votes = tally([], [])
    assert (votes.shape_bias, votes.coverage, votes.coverage_interval) == (None, None, None)


def test_orhans_image_counts_twice_where_its_category_is_predicted():
    both = Stimulus("", KEPT_BY_ORHAN, "bicycle", "bicycle")
    assert tally(decisions("bicycle"), [both]) == CueVotes(1, 1, 1)
    assert tally(decisions("car"), [both]) == CueVotes(0, 0, 1)
    assert tally(decisions("bicycle"), [both]).coverage_interval.estimate == 1


def test_orhans_published_fractions_follow_from_the_counts():
    """ResNeXt-101 32x8d: 183 shape and 524 texture matches in 1,201 images (resnext-wsl,
    shapebias_resnext101_32x8d.npz).
    """
    votes = CueVotes(183, 524, 1201)
    assert votes.shape_bias == pytest.approx(0.258840, abs=5e-7)
    assert votes.coverage == pytest.approx(0.588676, abs=5e-7)


def test_the_cue_of_a_decision():
    assert [cue_of(name, CAT_DOG) for name in ("cat", "dog", "oven")] == [Cue.SHAPE, Cue.TEXTURE, Cue.OTHER]
    assert cue_of("cat", stimulus("cat", "cat")) is Cue.SHAPE


def test_votes_by_category_of_either_cue():
    answered = decisions("cat", "oven", "dog")
    stimuli = [CAT_DOG, CAT_OVEN, BOAT_DOG]
    by_shape, by_texture = by_category(answered, stimuli, Cue.SHAPE), by_category(answered, stimuli, Cue.TEXTURE)
    assert list(by_shape) == list(by_texture) == list(NAMES)
    assert by_shape["cat"] == CueVotes(1, 1, 2)
    assert by_shape["boat"] == CueVotes(0, 1, 1)
    assert by_shape["truck"] == CueVotes(0, 0, 0)
    assert by_texture["dog"] == CueVotes(1, 1, 2)
    assert by_texture["oven"] == CueVotes(0, 1, 1)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=60))
def test_however_votes_are_grouped_the_sums_are_the_same(rows):
    stimuli, answered = (
        [stimulus(shape, texture) for shape, texture, _ in rows],
        decisions(*(prediction for *_, prediction in rows)),
    )
    whole = tally(answered, stimuli)
    for groups in (
        by_category(answered, stimuli, Cue.SHAPE),
        by_category(answered, stimuli, Cue.TEXTURE),
        matrix(answered, stimuli),
    ):
        assert (
            CueVotes(*(sum(getattr(votes, field) for votes in groups.values()) for field in ("shape", "texture", "n")))
            == whole
        )


def test_the_matrix_has_only_pairs_that_occur():
    assert matrix(decisions("cat", "dog"), [CAT_DOG, CAT_DOG]) == {("cat", "dog"): CueVotes(1, 1, 2)}


def test_two_models_are_compared_image_by_image():
    stimuli = [CAT_DOG] * 6
    first = decisions("cat", "cat", "cat", "dog", "dog", "oven")
    second = decisions("cat", "dog", "dog", "dog", "cat", "cat")
    pair = compare(first, second, stimuli)
    assert pair == PairedVotes(both_shape=1, both_texture=1, first_shape=2, second_shape=1, others=1)
    assert pair.divided == 3
    assert pair.p_value == pytest.approx(binomtest(2, 3).pvalue)


def test_a_model_is_never_divided_from_itself():
    answered = np.random.default_rng(0).integers(0, 16, 50)
    pair = compare(answered, answered, [CAT_DOG] * 50)
    assert pair.divided == 0
    assert pair.p_value is None


def test_comparison_the_other_way_round_swaps_the_sides():
    rng = np.random.default_rng(1)
    stimuli = [stimulus(NAMES[shape], NAMES[(shape + 1) % 16]) for shape in rng.integers(0, 16, 80)]
    first, second = rng.integers(0, 16, (2, 80))
    one, other = compare(first, second, stimuli), compare(second, first, stimuli)
    assert (one.first_shape, one.second_shape) == (other.second_shape, other.first_shape)
    assert one.p_value == other.p_value


@pytest.mark.parametrize(
    "count",
    [tally, cues_of, matrix, lambda *sides: compare(*sides[:1], *sides), lambda *sides: by_category(*sides, Cue.SHAPE)],
)
@pytest.mark.parametrize("answered", [[1], [1, 2, 3], [[1, 2]], 1])
def test_as_many_decisions_as_stimuli(count, answered):
    with pytest.raises(BadInput, match="one decision for each of the 2 stimuli"):
        count(answered, [CAT_DOG, CAT_OVEN])


def made_of(shape_number, texture_number):
    return Stimulus("", "", "cat", "dog", (f"cat{shape_number}", f"dog{texture_number}"))


def test_where_exemplars_are_known_the_intervals_take_them_in():
    """20 shapes in 10 textures each; a shape decides alone, so that 200 stimuli say no more than 20."""
    stimuli = [made_of(shape, texture) for shape in range(20) for texture in range(10)]
    answered = decisions(*("cat" if number < 80 else "dog" if number < 160 else "oven" for number in range(200)))
    votes = tally(answered, stimuli)
    assert votes == CueVotes(80, 80, 200), "what is counted stays"
    bias, coverage = votes.shape_bias_interval, votes.coverage_interval
    assert bias.method == coverage.method == OVER_EXEMPLARS
    assert (bias.estimate, bias.n, coverage.estimate, coverage.n) == (0.5, 160, 0.8, 200)
    assert (bias.low, bias.high) == pytest.approx(score_bounds(0.5, 16), abs=0.03)
    assert (coverage.low, coverage.high) == pytest.approx(score_bounds(0.8, 20), abs=0.03)


def test_without_all_exemplars_and_two_of_each_kind_the_interval_is_wilsons():
    some = [made_of(1, 1), made_of(2, 2), CAT_DOG]
    one_shape = [made_of(1, number) for number in range(3)]
    for stimuli in (some, one_shape, [CAT_DOG] * 3):
        votes = tally(decisions("cat", "dog", "cat"), stimuli)
        assert votes.shape_bias_interval == wilson(2, 3)
        assert votes.coverage_interval == wilson(3, 3)


def test_exemplars_are_known_in_each_category_too():
    stimuli = [made_of(shape, texture) for shape in range(4) for texture in range(3)]
    votes = by_category(decisions(*["cat"] * 6, *["dog"] * 6), stimuli, Cue.TEXTURE)["dog"]
    assert votes.shape_bias_interval.method == OVER_EXEMPLARS
    assert votes.shape_bias_interval.high - votes.shape_bias_interval.low > wilson(6, 12).high - wilson(6, 12).low


def test_orhans_image_has_exemplars_and_counts_twice():
    both = Stimulus("", KEPT_BY_ORHAN, "bicycle", "bicycle", ("bicycle6", "bicycle3"))
    votes = tally(decisions("bicycle", "cat"), [both, made_of(1, 1)])
    assert votes == CueVotes(2, 1, 2)
    assert (votes.shape_bias_interval.estimate, votes.shape_bias_interval.n) == (pytest.approx(2 / 3), 3)
    assert votes.coverage_interval.estimate == 1
