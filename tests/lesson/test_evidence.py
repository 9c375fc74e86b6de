"""What stands beside the bets, from recordings, tables and live runs; what the lesson calls right is what it says."""

from dataclasses import replace

import numpy as np
import pytest

from robust_core.errors import DataUnavailable, UnknownName, WeightsUnavailable
from robust_core.events import Progress, result_of
from robust_core.labels import IMAGENET, MINI
from robust_core.lesson import evidence, evidence_maps, evidence_photos, found
from robust_core.lesson.answers import Origin
from robust_core.lesson.bets import Word
from robust_core.lesson.evidence import EVIDENCE, prepare
from robust_core.lesson.found import find_or_run, quoted
from robust_core.lesson.lesson_file import shipped_lesson
from robust_core.lesson.scenes import Lesson, Scene
from robust_core.recordings import shipped, store
from robust_core.studies.attribution_maps import STAGES

LESSON = shipped_lesson()
LIVE = {"flips", "randomised"}  # what no recording holds
RECORDED = [key for key in EVIDENCE if key not in LIVE]


@pytest.fixture(scope="module")
def prepared():
    """All recorded evidence, prepared as a lecturer does."""
    scenes = tuple(scene for scene in LESSON.scenes if scene.evidence in RECORDED)
    return result_of(prepare(replace(LESSON, scenes=scenes)))


def answers_of(prepared, key, who=""):
    scene = next(scene for scene in LESSON.scenes if scene.evidence == key)
    return [one for one in prepared[scene.key].answers if who in one.who]


def bet(key):
    return next(scene.bet for scene in LESSON.scenes if scene.evidence == key)


def test_recorded_evidence_is_cached_or_published_and_every_number_says_how_it_came(prepared):
    every = [one for ready in prepared.values() for one in ready.answers]
    assert len(every) > 60
    assert {one.origin for one in every} == {Origin.CACHED, Origin.PUBLISHED}
    for one in every:
        assert one.who
        assert one.protocol
        assert one.source
        assert one.n
        assert np.isfinite(one.value)
        assert (one.low is None) == (one.high is None)
        if one.low is not None:
            assert one.low - 1e-9 <= one.value <= one.high + 1e-9


def test_the_surest_network_is_the_one_that_the_lesson_calls_right(prepared):
    sure = answers_of(prepared, "confidence")
    assert [one.who for one in sure] == list(bet("confidence").options)
    assert bet("confidence").right == (max(range(3), key=lambda place: sure[place].value),)
    assert all("wrong: its label is “jeep”" in one.protocol for one in sure), "the surest is wrong, as all are"


def test_the_severity_that_is_right_is_where_the_first_network_fails(prepared):
    (failed,) = answers_of(prepared, "fog", "EfficientNet-Lite0 first fails")
    (right,) = bet("fog").right
    assert bet("fog").options[right] == f"Severity {failed.value:.0f}"
    assert not answers_of(prepared, "fog", "EfficientNet-Lite2 first fails"), "it does not fail"


def test_the_fog_of_the_first_image_is_that_of_the_page():
    from robust_core.corruptions.condition import Condition
    from robust_core.images import to_pixels
    from robust_core.studies.corruption_grid import corrupted

    request = shipped.fog_request()
    pixels = to_pixels(request.images[0], request.models[0].preprocess)[None]
    assert corrupted(request.conditions[1], pixels, range(1)).equal(Condition("fog", 2, 0).apply(pixels))


def test_the_accuracy_that_is_right_on_misleading_images_is_the_published_one(prepared):
    of_paper = answers_of(prepared, "misleading")[0]
    (right,) = bet("misleading").right
    assert bet("misleading").options[right] == f"{of_paper.value:.0f}%"


def test_one_level_is_enough_for_the_cannon(prepared):
    (enough,) = answers_of(prepared, "invisible", "Change that is enough")
    assert enough.value == pytest.approx(bet("invisible").right)
    (sure,) = answers_of(prepared, "invisible", ", clean")
    assert f"{sure.value:.0f}% sure" in LESSON.scene("invisible").question
    (least,) = answers_of(prepared, "invisible", "smallest change found")
    assert least.value < enough.value
    clean, attacked, change = next(ready.images for key, ready in prepared.items() if key == "invisible")
    assert [one.at_once for one in (clean, attacked, change)] == [True, False, False]
    assert np.abs(clean.rgb.astype(int) - attacked.rgb.astype(int)).max() == 1
    assert "tricycle" in attacked.label


@pytest.mark.parametrize("key", ["ten_steps", "fifty_steps"])
def test_what_steps_leave_lies_within_what_counts_as_right(prepared, key):
    wsl = [one.value for one in answers_of(prepared, key, "WSL") if one.origin is Origin.PUBLISHED]
    assert len(wsl) == 4
    assert all(bet(key).is_right(float(one)) for one in wsl)
    of_mini = [one for one in answers_of(prepared, key) if one.origin is Origin.CACHED]
    assert len(of_mini) == 5
    assert all("ntargeted" in one.protocol for one in of_mini)


def test_the_defence_falls_to_the_attacker_who_knows_of_it(prepared):
    naive, adaptive = (answers_of(prepared, "defence", who)[0] for who in ("PGD, cross-entropy", "PGD, margin loss"))
    assert adaptive.high < 10 < 90 < naive.low
    assert f"{naive.value:.0f}% accuracy" in LESSON.scene("defence").question
    assert "40 steps, L∞ 8/255" in naive.protocol
    said = {bet("defence").options[place] for place in bet("defence").right}
    assert said == {"No", "Can't say"}
    (alarms,) = answers_of(prepared, "defence", "The naive attack")
    assert alarms.value >= 1
    assert all(one.low > 0 for one in answers_of(prepared, "defence", "proved"))


def test_blur_lowers_the_shape_bias_of_every_network_of_mini(prepared):
    bare, blurred = (answers_of(prepared, "glasses", who) for who in (", no filter", ", blurred"))
    assert len(bare) == len(blurred) == 3
    assert all(after.high < before.low for before, after in zip(bare, blurred, strict=True))
    (right,) = bet("glasses").right
    assert bet("glasses").options[right] == "It falls"


def test_people_and_networks_stand_beside_each_other(prepared):
    biases = {one.who: one.value for one in answers_of(prepared, "cue_conflict", "shape bias")}
    assert round(biases["10 people, shape bias"], 1) == 95.9
    coverage = answers_of(prepared, "cue_conflict", "coverage")
    assert len(coverage) == len(biases) == 6, "no shape bias without its coverage"
    assert all("Mini's own conflicts" in one.protocol for one in answers_of(prepared, "cue_conflict", "Mini"))


def test_the_label_flips_as_often_as_the_lesson_says():
    first, *others = EVIDENCE["flips"].requests()
    one = result_of(find_or_run(first))
    assert one.origin is Origin.LIVE
    answer, *_ = EVIDENCE["flips"].answers([one])
    assert answer.who == "EfficientNet-Lite0"
    assert bet("flips").is_right(float(answer.value))
    assert len(others) == 5


def test_both_maps_are_shown_without_a_word_and_the_seed_draws_which_is_first():
    class Cascade:
        layers = tuple(range(0, 14, 2))
        correlation = (1.0, *[0.01] * STAGES)
        maps = [type("Map", (), {"map": np.full((4, 4), float(stage) - 0.5)}) for stage in range(STAGES + 1)]

    one = found.Found(EVIDENCE["randomised"].requests()[0], Cascade(), Origin.LIVE, "now")
    images = evidence_maps.randomised_images([one])
    labels = [image.label for image in images]
    assert [image.title for image in images] == list(bet("randomised").options)
    (right,) = bet("randomised").right
    assert labels[right] == "The trained network."
    assert labels[1 - right] == "The network with 6 of its 12 layers random, from the top."
    assert all("trained" not in image.alt and "random" not in image.alt for image in images)
    answers = EVIDENCE["randomised"].answers([one])
    assert [answer.value for answer in answers] == [0.01, 0.01]


def test_photos_are_shown_before_the_bet_and_named_after_it(prepared):
    (photo,) = prepared["one_photo"].images
    assert "jeep" not in photo.title + photo.alt
    assert "jeep" in photo.label


def test_the_photo_in_fog_is_wrong_for_the_first_time_where_the_lesson_says(prepared):
    clean, *foggy = prepared["fog"].images
    assert clean.at_once
    assert not any(one.at_once or "wrong" in one.title + one.alt for one in foggy)
    verdicts = ["wrong" in one.label for one in foggy]
    assert [bet("fog").options[verdicts.index(True)]] == [bet("fog").options[place] for place in bet("fog").right]
    assert verdicts.index(True) == 1
    assert len({one.rgb.std() for one in foggy}) == 5


@pytest.mark.parametrize("key", ["fog", "ten_steps", "fifty_steps", "glasses"])
def test_numbers_that_are_on_a_curve_are_points_of_it(prepared, key):
    scene = next(scene for scene in LESSON.scenes if scene.evidence == key)
    curves = {curve.who: curve for curve in prepared[scene.key].curves}
    drawn = [one for one in prepared[scene.key].answers if one.on_curve]
    assert len(curves) == 3
    assert drawn
    for one in drawn:
        curve = curves[max((who for who in curves if one.who.startswith(who)), key=len)]
        assert (one.value, one.low, one.n) in [(100 * at.estimate, 100 * at.low, at.n) for at in curve.shares]
        assert one.protocol.endswith(curve.shares[0].method)


def test_a_curve_over_attack_steps_ends_where_the_class_was_asked(prepared):
    for key, steps in (("ten_steps", 10), ("fifty_steps", 50)):
        for curve in prepared[key].curves:
            assert curve.at == tuple(range(steps + 1))
            assert curve.asked == steps
            assert list(curve.shares) == sorted(curve.shares, key=lambda share: -share.estimate)


def test_frames_are_shown_where_the_label_flips_and_only_with_the_reveal():
    one = result_of(find_or_run(shipped.sequence_request().of(shipped.sequence_request().models[0])))
    first, *flipped = evidence_photos.flips_images([one])
    assert first.at_once
    assert not any(frame.at_once for frame in flipped)
    labels = [prediction.label for prediction in one.result.predictions]
    for frame in flipped:
        place = int(frame.title.removeprefix("Frame ")) - 1
        assert labels[place] != labels[place - 1]
        assert MINI.names[labels[place]] in frame.label
        assert MINI.names[labels[place]] not in frame.title + frame.alt
    assert len(flipped) == evidence_photos.MOST_FLIPS


def test_mini_stands_in_where_the_photos_are_not_here_and_says_so(monkeypatch):
    monkeypatch.setattr(evidence_photos.data, "list_collections", lambda: ())
    assert not evidence_photos.photos_here()
    flips = EVIDENCE["flips"]
    alone = flips.answers([result_of(find_or_run(request)) for request in flips.requests()])
    assert [one.protocol.startswith("Mini stands in") for one in alone] == [True, True, True, False, False]
    for key in ("confidence", "fog", "invisible", "randomised"):
        requests = EVIDENCE[key].requests()
        assert {request.label_space for request in requests} == {MINI}
        if key != "randomised":
            row = EVIDENCE[key]
            ready = tuple(result_of(find_or_run(request)) for request in requests)
            own = [one for one in row.answers(ready) if one.origin is not Origin.PUBLISHED]
            assert own
            assert all(one.protocol.startswith("Mini stands in") for one in own)
            assert row.images(ready)


def test_everything_but_two_scenes_is_recorded():
    for key in RECORDED:
        assert all(store.find(request) for request in EVIDENCE[key].requests()), key
    assert {request.label_space for request in EVIDENCE["flips"].requests()} == {IMAGENET, MINI}


def test_the_scenes_are_counted_while_they_are_prepared(monkeypatch):
    monkeypatch.setitem(evidence.EVIDENCE, "misleading", replace(EVIDENCE["misleading"], requests=lambda: ()))
    scenes = tuple(scene for scene in LESSON.scenes if scene.evidence in ("misleading", ""))
    events = list(prepare(replace(LESSON, scenes=scenes)))
    assert all(isinstance(event, Progress) and event.total == 2 for event in events)
    assert [event.done for event in events] == [0, 1, 2]


def test_evidence_that_is_none_of_the_table_is_refused_before_any_work():
    scene = Scene("a", "A", 1, "what_if", "What?", Word(), evidence="fgo")
    with pytest.raises(UnknownName, match="fog"):
        next(prepare(Lesson("One", (scene,))))


def test_what_goes_wrong_in_one_scene_is_its_trouble_alone(monkeypatch):
    def missing():
        raise WeightsUnavailable("The weights of Mini are not here.")

    monkeypatch.setitem(evidence.EVIDENCE, "fog", replace(EVIDENCE["fog"], requests=missing))
    scenes = tuple(scene for scene in LESSON.scenes if scene.key in ("one_photo", "fog"))
    ready = result_of(prepare(replace(LESSON, scenes=scenes)))
    assert (ready["fog"].answers, ready["fog"].trouble) == ((), "The weights of Mini are not here.")
    assert (len(ready["one_photo"].answers), ready["one_photo"].trouble) == (3, "")


def test_a_row_that_is_not_published_is_not_quoted():
    with pytest.raises(DataUnavailable, match="has 0 rows"):
        quoted("orhan2019_benchmarks", "ImageNet-C", "mce", "alexnet")
