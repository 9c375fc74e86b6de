"""Every benchmark is found under one topic, and the newcomer's words are topics."""

from collections import Counter

import pytest

from robust_core.benchmark.experiments import EXPERIMENTS
from robust_core.benchmark.topics import OTHER, TOPICS, in_order, topic_of
from robust_core.results import published, published_tables

BENCHMARKS = sorted({row.benchmark for table in published_tables() for row in published(table)})


def test_every_published_benchmark_has_exactly_one_topic():
    counts = Counter(name for topic in TOPICS for name in topic.benchmarks)
    assert set(BENCHMARKS) <= set(counts), "a new benchmark is a row of robust_core/benchmark/topics.py"
    assert set(counts.values()) == {1}


def test_every_experiment_has_a_topic():
    without = {row.benchmark for row in EXPERIMENTS.values() if topic_of(row.benchmark) == OTHER}
    assert without == {"cue conflict"}, "its rows have a suffix"


@pytest.mark.parametrize(
    "title",
    ["ImageNet-X factors", "OpenOOD", "CLIP zero-shot", "AttackBench", "Transfer attacks", "Certified accuracy"],
)
def test_what_a_newcomer_looks_for_is_a_topic_with_benchmarks(title):
    (topic,) = [topic for topic in TOPICS if topic.title == title]
    assert set(topic.benchmarks) <= {*BENCHMARKS, *(row.benchmark for row in EXPERIMENTS.values())}
    assert set(topic.benchmarks) & set(BENCHMARKS)


def test_other_images_belong_to_the_topic_of_the_benchmark():
    assert topic_of("ImageNet, images of mine") == topic_of("ImageNet")
    assert topic_of("something new") == OTHER
    assert sorted(["something new", "ImageNet-C", "ImageNet"], key=in_order)[-1] == "something new"
