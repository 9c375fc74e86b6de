"""The lesson that comes with the project: complete, sayable, and quoting only what the tables hold."""

import re
from pathlib import Path

import pytest

import robust_core.lesson
from robust_core.lesson.evidence import EVIDENCE
from robust_core.lesson.lesson_file import SHIPPED, read, shipped_lesson, written
from robust_core.lesson.student_view import link_of
from robust_core.results import published
from robust_core.studies.glasses_responses import CHANCE_COVERAGE
from tests.pages.opening import PAGES

LESSON = shipped_lesson()
EVERY = pytest.mark.parametrize("scene", LESSON.scenes, ids=lambda scene: scene.key)
BASELINE, LARGEST = "resnext101_32x8d", "resnext101_32x48d_wsl"
WSL = tuple(f"resnext101_32x{width}d_wsl" for width in (8, 16, 32, 48))
BENCHMARKS, PGD, SHAPE = "orhan2019_benchmarks", "orhan2019_pgd", "shape_bias"
TEN, FIFTY = "eps=0.06 steps=10", "eps=0.06 steps=50"


def value(table, benchmark, metric, model, condition="", source="", protocol=""):
    """The number of the only row."""
    found = [
        row.value
        for row in published(table)
        if (row.benchmark, row.metric, row.model, row.condition) == (benchmark, metric, model, condition)
        and row.source.startswith(source)
        and protocol in row.protocol
    ]
    assert len(found) == 1, (benchmark, metric, model, found)
    return found[0]


def ends(*of):
    """The least and the largest number of the WSL networks."""
    found = [value(*of[:3], model, *of[3:]) for model in WSL]
    return [min(found), max(found)]


def mce(model):
    return value(BENCHMARKS, "ImageNet-C", "mce", model)


def mfr(model):
    return value(BENCHMARKS, "ImageNet-P", "mfr", model)


def on_a(model):
    return value(BENCHMARKS, "ImageNet-A", "top1", model)


def after(steps, model):
    return value(PGD, "white-box PGD by steps", "top1_under_attack", model, steps)


def people(metric):
    return value(SHAPE, "cue conflict, people", metric, "10 people", "pictures=12000", "Geirhos et al. 2019")


def cue(metric, model):
    return value(SHAPE, "cue conflict by the best class", metric, model, "pictures=1201", "Orhan 2019")


def peychev(protocol):
    return value("peychev2023", "ImageNet-A", "top1", LARGEST, protocol=protocol)


ATTACKED = "ARES L∞", "top1_under_attack", "ResNet101 AT (ARES)", "eps=0.0156862745"
PROVED = "Randomized smoothing, L2", "certified_accuracy", "Randomized smoothing, ResNet-50, σ = 0.25", "radius=0.5"
PER_CENT = {  # what each quoted sentence says in per cent, as the tables have it, in its order
    "fog": [[mce(BASELINE), mce(LARGEST)]],
    "frames": [[mfr(BASELINE), mfr(LARGEST)]],
    "misleading": [
        [value(BENCHMARKS, "ImageNet", "top1", BASELINE), on_a(BASELINE), on_a(LARGEST)],
        [peychev("1,000 classes decides"), peychev("200 classes decides")],
    ],
    "ten_steps": [[*ends(PGD, "white-box PGD by steps", "top1_under_attack", TEN), after(TEN, BASELINE)]],
    "fifty_steps": [
        ends(PGD, "white-box PGD by steps", "top1_under_attack", FIFTY),
        [value("ares2023", *ATTACKED, protocol="PGD, 100 steps")],
    ],
    "defence": [[value("certificates", *PROVED, source="Cohen et al. 2019")]],
    "class_against_machine": [
        [people("shape_bias"), cue("shape_bias", LARGEST), cue("shape_bias", BASELINE)],
        [people("coverage"), cue("coverage", LARGEST), cue("coverage", BASELINE)],
    ],
    "glasses": [[]],
    "learned": [
        [mce(BASELINE), *ends(BENCHMARKS, "ImageNet-C", "mce")],
        [mfr(BASELINE), *ends(BENCHMARKS, "ImageNet-P", "mfr")],
        [on_a(BASELINE), *ends(BENCHMARKS, "ImageNet-A", "top1")],
        [after(TEN, BASELINE), *ends(PGD, "white-box PGD by steps", "top1_under_attack", TEN)],
        ends(PGD, "white-box PGD by steps", "top1_under_attack", FIFTY),
        [
            cue("shape_bias", BASELINE),
            *ends(SHAPE, "cue conflict by the best class", "shape_bias", "pictures=1201", "Orhan 2019"),
            people("shape_bias"),
        ],
    ],
}


def test_it_has_twelve_scenes_in_sixty_minutes():
    assert (len(LESSON.scenes), LESSON.minutes) == (12, 60)
    assert read(written(LESSON).encode()) == LESSON
    assert SHIPPED.parent == Path(robust_core.lesson.__file__).parent, "where a wheel takes it from"


def test_every_row_of_evidence_is_used_and_only_the_last_scene_has_none():
    assert [scene.evidence for scene in LESSON.scenes] == [*EVIDENCE, ""]


@EVERY
def test_a_scene_says_all_that_a_lecturer_needs(scene):
    sentences = re.findall(r"[.!?](?= |$)", scene.notes)
    assert 3 <= len(sentences) <= 8
    assert scene.stays
    assert scene.misconception
    assert scene.page in PAGES
    assert "not claim" in scene.notes or "Do not" in scene.notes, "and what they should not say"


@EVERY
def test_what_is_quoted_stands_in_the_tables(scene):
    expected = PER_CENT.get(scene.key, [])
    assert len(scene.published) == len(expected)
    for sentence, values in zip(scene.published, expected, strict=True):
        said = re.findall(r"(\d+(?:\.\d+)?)(?:–(\d+(?:\.\d+)?))?%", sentence)
        texts = [text for pair in said for text in pair if text]
        assert texts == [f"{one:.{decimals_of(text)}f}" for text, one in zip(texts, values, strict=True)], sentence
        assert re.search(r"\([A-Z][^()]* 20\d\d[^()]*\)", sentence), "its source"


def decimals_of(text):
    return len(text.partition(".")[2])


def test_the_numbers_of_a_question_are_published_or_recorded_ones_too():
    scene = LESSON.scene("ten_steps")
    assert f"{after(TEN, BASELINE):.3f}%" in scene.question
    assert f"{value(BENCHMARKS, 'ImageNet', 'top1', BASELINE):.0f}%" in LESSON.scene("misleading").question


@pytest.mark.parametrize("key", ["misleading", "ten_steps"])
def test_the_numbers_of_the_notes_are_those_that_are_quoted(key):
    said = re.findall(r"[\d.]+(?:–[\d.]+)?%", LESSON.scene(key).notes)
    assert said
    assert all(any(number in sentence for sentence in LESSON.scene(key).published) for number in said)


def test_guessing_covers_what_the_notes_say():
    assert f"{100 * CHANCE_COVERAGE}%" in LESSON.scene("glasses").notes


def test_the_link_of_a_scene_is_that_of_its_page_and_the_home_page_has_the_servers_own():
    assert link_of(LESSON.scenes[0]) == "what_if?world=ImageNet&images=jeep+%2807%29"
    assert link_of(LESSON.scenes[-1]) == ""
