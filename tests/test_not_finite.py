"""Models that compute NaN or infinity, from the door to the screen: every command and page says a sentence, and none
says a number.
"""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from robust_core.cli import main
from robust_core.jobs import queue
from robust_core.models import catalogue
from robust_core.ui.server import warmup
from tests.conftest import own_key
from tests.models.rows import OVERFLOWING, tiny_spec
from tests.pages.opening import PAGES, all_words, open_page, run_until

NAN_WEIGHTS = {"fc.weight": math.nan}  # an import refuses these, but a file may lie in the weights folder already
SENTENCES = {"unfit": "hold NaN or infinite values, first in fc.weight", "huge": "computed NaN or infinite logits"}
pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def broken(tmp_path, monkeypatch, request):
    """The keys of two models whose weights are there, by what is wrong with them; tiny rows under the name of a network
    that has every map.
    """
    rows = {}
    for name, filled in (("unfit", NAN_WEIGHTS), ("huge", OVERFLOWING)):
        spec = tiny_spec(tmp_path / "weights", own_key(name, request), filled=filled)
        rows[name] = replace(spec, architecture=replace(spec.architecture, name="resnet18"))
    monkeypatch.setattr(catalogue, "TABLE", tuple(rows.values()))
    monkeypatch.setenv("ROBUST_LAB_DEVICE", "cpu")
    return {name: spec.key for name, spec in rows.items()}


@pytest.fixture
def folders(tmp_path):
    """An image of class 0, which is what NaN is taken for, in a validation set, and a cue conflict."""
    grey = Image.fromarray(np.full((224, 224, 3), 127, np.uint8))
    for path in ("data/val/n01440764/0.png", "stimuli/cat1-dog4.png"):
        (tmp_path / path).parent.mkdir(parents=True)
        grey.save(tmp_path / path)
    return tmp_path


BENCHMARK = "benchmark run --model {key} --data {root}/data --workers 0 --store {root}/store --experiment"
COMMANDS = {
    "check": "models check --model {key} --images {root}/data/val",
    "attack": "attack --model {key} --images {root}/data/val --n 1 --steps 2 --eps 1/255",
    "attribute": "attribute --model {key} --images {root}/data/val --n 1 --method saliency rise",
    "shape bias": "shape-bias --model {key} --images {root}/stimuli",
    "imagenet": f"{BENCHMARK} imagenet",
    "pgd": f"{BENCHMARK} pgd",
    "white_box_steps": f"{BENCHMARK} white_box_steps",
}


@pytest.mark.parametrize("kind", SENTENCES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_fails_with_the_sentence_and_prints_and_stores_no_number(broken, folders, capsys, command, kind):
    words = COMMANDS[command].format(key=broken[kind], root=folders).split()
    out = [] if "run" in words else ["--out", str(folders / "numbers.csv")]
    assert main([*words, *out]) == 1
    printed, complaint = capsys.readouterr()
    assert SENTENCES[kind] in complaint
    assert not re.search(r"\bnan\b|100\.0|top-1 \d|^\S+ +1 +\d", printed, re.MULTILINE)
    assert not list(folders.rglob("*.npz"))
    assert not list(folders.rglob("results.csv"))
    assert not (folders / "numbers.csv").exists()


ONE_IMAGE = {"shape_or_texture": {"tab": "One", "stimulus": "Any image"}}


@pytest.mark.parametrize("page", ["what_if", "shape_or_texture", "attributions"])
def test_a_page_shows_the_sentence_in_place_of_each_prediction(broken, page):
    warmup.wait()
    app = run_until(
        open_page(PAGES[page], world="ImageNet", **ONE_IMAGE.get(page, {})),
        lambda app: not queue("device").active() and len(app.error) >= len(broken),
    )
    errors = "\n".join(element.value for element in app.error)
    for sentence in SENTENCES.values():
        assert sentence in errors
    assert not app.exception
    assert not re.search(
        r"\bnan\b|\binf\b|It predicts|predicts \w+, which|entropy \d|logit -?\d|\d %\*?\*? for", all_words(app)
    )
