"""Attacks against each other on networks in closed form: what is left, at what cost, and what two say together."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from robust_core.attacks import search
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.table import ATTACKS, Attack
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.recordings.codec import BY_KEY, from_bytes, to_bytes
from robust_core.studies import attack_comparison
from robust_core.studies.attack_comparison import UPPER_BOUND, AttackComparison, AttackComparisonRequest, AttackStanding
from robust_core.studies.attack_outcome import ALL_ATTACKS, AttackOutcome
from tests.attacks.networks import saturated, shifted
from tests.outcomes import events_and_result
from tests.studies.test_attack_checks import even_images

LEVELS = (127, 125, 123, 121)  # 4.5, 6.5, 8.5 and 10.5 levels from class 1 of `shifted(4 / 255)`
DISTANCES = [(127.5 + 4 - level) / 255 for level in LEVELS]
STEPS = 5


def pgd(eps_255, steps=STEPS, **fields):
    return AttackConfig("pgd", "linf", eps_255 / 255, steps, **fields)


def request(*specs, attacks, images=None, **fields):
    return AttackComparisonRequest(specs, even_images(LEVELS) if images is None else images, tuple(attacks), **fields)


def run(*specs, **fields) -> AttackComparison:
    return result_of(attack_comparison.run(request(*specs, **fields)))


def left(result, attack=None):
    frame = result.frame if attack is None else result.frame[result.frame["attack"] == attack]
    return frame["accuracy_percent"].tolist()


@pytest.fixture
def row(monkeypatch):
    """`row(key, shifts)` is an attack of the table that raises every value of image i by shifts[i], in two steps."""

    def put(key, shifts, minimal=False):
        monkeypatch.setattr(search, f"run_{key}", partial(_shift, shifts), raising=False)
        monkeypatch.setitem(
            ATTACKS,
            key,
            Attack(
                key=key,
                title=key.title(),
                source="a test",
                knowledge="decisions",
                norms=("linf",),
                minimal=minimal,
                steps=2,
                passes=lambda steps, classes: (steps, 0),
                function=f"search.run_{key}",
                unit="queries",
            ),
        )

    return put


def _shift(shifts, its):
    for step, part in enumerate((0.5, 1.0), start=1):
        places = its.active
        by = torch.tensor(shifts)[places].view(-1, 1, 1, 1)
        yield from its.look(places, (its.clean[places] + part * by).clamp(0, 1))
        yield its.standing(step)


def test_within_the_margin_nothing_falls_and_beyond_it_everything(held):
    result = run(held(shifted(4 / 255)), attacks=[pgd(4.4), pgd(10.6), pgd(8.4)])
    assert left(result) == [100, 0, 50]
    assert result.frame["clean_percent"].tolist() == [100, 100, 100]
    assert result.frame["ball"].tolist() == ["L∞ 4.4/255", "L∞ 10.6/255", "L∞ 8.4/255"]


def test_passes_are_counted(held):
    """PGD looks at every iterate, the clean image too, and follows a gradient at all but the last."""
    (row,) = run(held(shifted(4 / 255)), attacks=[pgd(4.4)]).frame.to_dict("records")
    looks_at_the_clean_images = 1
    assert row["forward_passes_per_image"] == STEPS + 1 + looks_at_the_clean_images
    assert row["backward_passes_per_image"] == STEPS
    assert row["seconds"] > 0


def test_the_curve_over_steps_only_falls_and_ends_at_what_is_left(held):
    result = run(held(shifted(4 / 255)), attacks=[pgd(8.6, steps=20)])
    curve = result.curve_over_steps()
    assert curve["step"].iloc[[0, -1]].tolist() == [0, 20]
    assert curve["accuracy_percent"].is_monotonic_decreasing
    assert curve["passes_per_image"].is_monotonic_increasing
    assert curve["accuracy_percent"].iloc[[0, -1]].tolist() == [100, 25]
    fallen = np.array([4.5, 6.5, 8.5])  # each once the steps of 2.5 · eps / 20 reach it
    assert curve["accuracy_percent"].drop_duplicates().tolist() == [100, 75, 50, 25]
    first = curve.drop_duplicates("accuracy_percent")["step"].tolist()[1:]
    assert first == np.ceil(fallen / (2.5 * 8.6 / 20)).astype(int).tolist()


def test_one_run_for_the_smallest_change_tells_what_every_eps_leaves(held, row):
    row("exact", [distance + 1e-4 for distance in DISTANCES], minimal=True)
    spec, radii = held(shifted(4 / 255)), (4.4, 5.0, 7.0, 9.0, 11.0)
    minimal = AttackConfig.of("exact", "linf")
    together = run(spec, attacks=[minimal, *map(pgd, radii)])
    assert left(together, "Exact") == left(together, "PGD-5") == [100, 75, 50, 25, 0]
    alone = run(spec, attacks=[minimal], radii=tuple(radius / 255 for radius in radii))
    assert left(alone) == [100, 75, 50, 25, 0]
    curve = alone.curve_over_eps()
    assert set(radius / 255 for radius in radii) <= {*curve["eps"]}
    for eps, accuracy in zip(curve["eps"], curve["accuracy_percent"], strict=True):
        assert accuracy == 100 * np.mean([distance + 1e-4 > eps * (1 + 1e-5) + 1e-7 for distance in DISTANCES])
    assert alone.frame["median_distance"].iloc[0] == pytest.approx(np.median(DISTANCES) + 1e-4, abs=1e-6)
    assert together.frame["median_distance"].notna().sum() == len(radii)


def test_an_attack_for_the_smallest_change_needs_no_radius(held, row):
    row("exact", [distance + 1e-4 for distance in DISTANCES], minimal=True)
    result = run(held(shifted(4 / 255)), attacks=[AttackConfig.of("exact", "linf")])
    assert result.frame["accuracy_percent"].isna().all()
    assert result.curve_over_eps()["accuracy_percent"].tolist() == [100, 75, 50, 25, 0]


def test_an_image_counts_only_if_no_attack_in_its_ball_breaks_it(held, row):
    row("first", [9 / 255, 9 / 255, 0.0, 0.0])
    row("third", [0.0, 0.0, 9 / 255, 0.0])
    row("far", [0.0, 0.0, 0.0, 11 / 255])
    configs = [AttackConfig.of("first", "linf", 9 / 255), AttackConfig.of("third", "linf", 9 / 255)]
    result = run(held(shifted(4 / 255)), attacks=[*configs, AttackConfig.of("far", "linf", 12 / 255)])
    assert dict(zip(result.frame["attack"], left(result), strict=True)) == {
        "First": 50,
        "Third": 75,
        "Far": 75,
        ALL_ATTACKS: 25,
    }
    worst = result.frame[result.frame["attack"] == ALL_ATTACKS].iloc[0]
    assert worst["forward_passes_per_image"] == result.frame["forward_passes_per_image"].iloc[:2].sum()
    assert worst["protocol"] == "worst case over First, Third, L∞ 9/255"


def test_the_gap_is_counted_on_the_same_images(held, row):
    row("strong", [11 / 255] * 4)
    row("strange", [0.0, 0.0, 0.0, 11 / 255])
    others = [AttackConfig.of(key, "linf", 11 / 255) for key in ("strong", "strange")]
    result = run(held(shifted(4 / 255)), attacks=[others[0], pgd(11, steps=1), others[1]])
    assert [(gap.first.title, gap.second.title) for gap in result.gaps] == [
        ("PGD-1", "Strong"),
        ("PGD-1", "Strange"),
    ]
    assert [gap.counts for gap in result.gaps] == [(0, 0, 0, 4), (0, 0, 3, 1)]
    difference = result.gaps[1].difference
    assert (difference.estimate, difference.n) == (0.75, 4)
    assert difference.low < 0.75 < difference.high
    assert result.gaps[0].p_value is None
    assert result.gaps[1].p_value == pytest.approx(2 * 0.5**3)
    assert result.gap_frame()["gap_percent"].tolist() == [0, 75]
    assert result.sentences()[0] == UPPER_BOUND
    assert "PGD-1 says 0.0% is left, Strange says 75.0%: +75.0 points" in result.sentences()[2]


def test_what_is_yielded_says_of_which_model_and_attack_it_is(held):
    events, _ = events_and_result(attack_comparison.run(request(held(shifted(4 / 255)), attacks=[pgd(8), pgd(4)])))
    standings = [event for event in events if isinstance(event, AttackStanding)]
    assert [(one.model, one.config) for one in standings[:1] + standings[-1:]] == [
        ("shifted", pgd(8)),
        ("shifted", pgd(4)),
    ]
    progress = [event for event in events if isinstance(event, Progress)]
    outcomes = [event for event in events if isinstance(event, AttackOutcome)]
    assert [one.config for one in outcomes] == [pgd(8), pgd(4)]
    assert len(standings) + len(progress) + len(outcomes) == len(events)
    attacking = [event.fraction for event in progress if event.unit == "passes"]
    assert attacking == sorted(attacking)


def test_images_are_kept_where_that_is_wanted(held):
    spec = held(shifted(4 / 255))
    assert run(spec, attacks=[pgd(8)]).adversarial == {}
    kept = run(spec, attacks=[pgd(8)], keep_images=True).adversarial["shifted", pgd(8)]
    assert (shifted(4 / 255).logits(kept).argmax(1) == 1).tolist() == [True, True, False, False]


def test_the_figures_and_the_tables_hold_all_rows(held, row):
    row("exact", [distance + 1e-4 for distance in DISTANCES], minimal=True)
    result = run(held(shifted(4 / 255)), attacks=[pgd(8), AttackConfig.of("exact", "linf")])
    assert sum(len(bar.y) for bar in result.figure().data) == len(result.frame) == 3
    assert {trace.name for trace in result.figure_over_eps().data if trace.name} == {
        "shifted, PGD-5",
        "shifted, Exact",
    }
    assert len([trace for trace in result.figure_over_steps().data if trace.name]) == 2
    assert len(result.by_image()) == 8
    assert result.csv_by_image().count("\n") == 10


def test_it_comes_back_from_a_recording(held, monkeypatch):
    model = shifted(4 / 255)
    spec = held(model)
    monkeypatch.setitem(BY_KEY, "model", {spec.key: spec}.__getitem__)
    result = run(spec, attacks=[pgd(8), pgd(4)])
    back = from_bytes(to_bytes(result))
    assert back.frame.equals(result.frame)
    assert back.curve_over_steps().equals(result.curve_over_steps())
    assert back.gap_frame().equals(result.gap_frame())


def test_models_that_were_attacked_apart_are_one_result(held):
    one, other = (run(held(model), attacks=[pgd(8)]) for model in (shifted(4 / 255), saturated(4 / 255)))
    assert one.can_join(other)
    assert left(one.joined([other])) == [*left(one), *left(other)]
    assert not one.can_join(run(held(shifted(4 / 255)), attacks=[pgd(4)]))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"attacks": []}, "There is no attack"),
        ({"attacks": [pgd(8), pgd(8)]}, "named twice"),
        ({"attacks": [pgd(8)], "radii": (0.0,)}, "above 0"),
        ({"attacks": [pgd(8)], "images": even_images(())}, "no images"),
    ],
)
def test_what_cannot_be_compared_is_refused(fields, sentence):
    with pytest.raises(BadInput, match=sentence):
        request(**fields)


def test_a_run_that_ends_early_keeps_the_attacks_that_are_over(held):
    asked = request(held(shifted(4 / 255)), attacks=[pgd(4.4), pgd(10.6)])
    events, seen = attack_comparison.run(asked), []
    assert attack_comparison.so_far(asked, seen) is None
    while not isinstance(event := next(events), AttackOutcome):
        seen.append(event)
    events.close()
    found = attack_comparison.so_far(asked, [*seen, event])
    assert left(found) == [100]
    assert found.provenance.request == replace(asked, attacks=(pgd(4.4),)).identity
