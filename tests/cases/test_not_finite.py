"""Weights that are NaN or infinite: an import refuses them, so that no command has a number of theirs to print, and
where such a file lies already, the PGD page says so in place of a curve.
"""

import math
import re

import pytest
import torch

from robust_core.models import catalogue
from robust_core.ui.server import warmup
from tests.conftest import own_key
from tests.data.folders import TENCH, put
from tests.models.rows import OVERFLOWING, tiny_spec
from tests.pages.opening import PAGES, all_words, button, open_page, run_until


def with_nan(state):
    state["classifier.1.weight"].fill_(math.nan)
    return state


def with_one_infinite_bias(state):
    state["classifier.1.bias"][0] = math.inf
    return state


def overflowed_in_half_precision(state):
    state["classifier.1.weight"] *= 1e8
    return {key: tensor.half() for key, tensor in state.items()}


SENTENCE = "mine.pth was refused: {}: its training diverged, or the file is damaged; take an earlier checkpoint."
REFUSED = {
    "NaN": (with_nan, "classifier.1.weight holds NaN (not a number)"),
    "one infinite bias": (with_one_infinite_bias, "classifier.1.bias holds infinity"),
    "half precision": (overflowed_in_half_precision, "classifier.1.weight holds infinity"),
}
COMMANDS = (
    "models check --model mine --images {data}/val",
    "attack --model mine --images {data}/val --n 1 --steps 2 --eps 1/255",
    "benchmark run --model mine --experiment imagenet pgd white_box_steps --workers 0 --data {data}",
)


@pytest.mark.parametrize(("spoil", "words"), REFUSED.values(), ids=REFUSED)
def test_spoilt_weights_are_refused_and_give_no_accuracy(import_squeezenet, call, squeezenet, tmp_path, spoil, words):
    put(tmp_path / "data" / "val" / TENCH / "a.JPEG", 128)  # class 0, which is what NaN was taken for
    code, out, err = import_squeezenet(spoil(squeezenet))
    assert (code, out) == (1, "")
    assert err.splitlines()[0] == SENTENCE.format(words)
    for line in COMMANDS:
        code, out, err = call(line.format(data=tmp_path / "data"))
        assert (code, out) == (1, "")
        assert err.startswith("There is no model called 'mine'")


def test_the_same_network_with_finite_weights_is_imported(import_squeezenet, squeezenet):
    code, out, _ = import_squeezenet(squeezenet)
    assert code == 0
    assert out.startswith("mine: Mine, squeezenet1_0, 1,000 classes. Your own file, read as plain.")
    assert torch.isfinite(squeezenet["classifier.1.weight"]).all()


@pytest.mark.parametrize(
    ("filled", "sentence"),
    [({"fc.weight": math.nan}, "hold NaN or infinite values, first in fc.weight"), (OVERFLOWING, "infinite logits")],
)
def test_the_pgd_page_shows_the_sentence_and_no_curve(own_cache, monkeypatch, request, tmp_path, filled, sentence):
    spec = tiny_spec(tmp_path / "weights", own_key("spoilt", request), filled=filled)
    monkeypatch.setattr(catalogue, "TABLE", (spec,))
    warmup.wait()
    app = open_page(PAGES["pgd_steps"], world="ImageNet")
    app.slider(key="n").set_value(1)
    app.slider(key="steps").set_value(2).run()
    button(app, "Run").click().run()
    run_until(app, lambda app: app.error)
    assert sentence in "\n".join(error.value for error in app.error)
    assert not app.exception
    assert not re.search(r"\bnan\b|LIVE|100\.0", all_words(app))
