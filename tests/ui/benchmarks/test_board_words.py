from robust_core.benchmark.leaderboard import board_of
from robust_core.ui.benchmarks.board_words import authors, protocol_words, title
from tests.benchmark.finished_runs import number


def test_a_title_names_metric_benchmark_and_condition():
    blurred = number(benchmark="ImageNet-C", metric="ce", condition="corruption=zoom_blur severity=3")
    assert title(board_of(blurred)) == "CE on ImageNet-C, zoom blur, severity 3"
    assert title(board_of(number())) == "Top-1 accuracy on mini"


def test_a_title_names_the_attack_as_people_do():
    said = {
        "white-box PGD by eps": "Top-1 accuracy under white-box PGD, by ε",
        "white-box PGD by steps": "Top-1 accuracy under white-box PGD, by steps",
        "AutoAttack L2": "Top-1 accuracy under AutoAttack L2",
        "RobustBench L2": "Top-1 accuracy under attack on RobustBench L2",
    }
    for benchmark, words in said.items():
        assert title(board_of(number(benchmark=benchmark, metric="top1_under_attack"))) == words


def test_authors_are_named_once():
    sources = ("Orhan 2019; somebody/somewhere@0123:file", "Orhan 2019; another file", "Taori et al. 2020; there")
    published = [number(source=source, kind="published") for source in sources]
    computed = [number(source=f"robust_core.benchmark, run {run}; weights") for run in (1, 2)]
    assert authors([*published, *computed]) == "Orhan 2019 / Taori et al. 2020 / computed here"


def test_the_model_that_images_were_filtered_by_is_named_wherever_a_board_is():
    for benchmark, named in (
        ("ImageNet-A", "a ResNet-50"),
        ("ImageNet-A, superseded", "a ResNet-50"),
        ("mini-A", "Mini "),
    ):
        words = protocol_words(board_of(number(benchmark=benchmark)), [])
        assert f"{named}" in words
        assert "got wrong" in words
    for benchmark in ("ImageNet", "ImageNet, classes of ImageNet-A", "mini"):
        assert "got wrong" not in protocol_words(board_of(number(benchmark=benchmark)), [])
