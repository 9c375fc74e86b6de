"""An ε out of range is told as it was written, and 255ths are suggested only where they would be in range."""

import pytest

import robust_core as rc
from robust_core.errors import BadInput
from tests.benchmark.trees import drawings, write_by_wnid

GOT = {
    "300/255": "300/255.",
    "255.5/255": "255.5/255.",
    "300": "300.",
    "1.5": "1.5. Was 1.5/255 meant?",
    "8": "8. Was 8/255 meant?",
}


@pytest.mark.parametrize(("eps", "got"), GOT.items(), ids=str)
def test_eps_in_a_terminal(call, ready, tmp_path, eps, got):
    write_by_wnid(tmp_path / "val", drawings(1))
    code, _, err = call(f"attack --model {ready[0].key} --eps {eps} --images", tmp_path / "val")
    assert code == 1
    assert err.replace(".0.", ".") == f"eps must be at least 0 and at most 1, in pixel units; got {got}\n"


@pytest.mark.parametrize(("eps", "got"), GOT.items(), ids=str)
def test_eps_in_a_notebook(eps, got):
    with pytest.raises(BadInput) as caught:
        rc.pgd("efficientnet_lite0", rc.load_images("foolbox", 1), eps, progress=False)
    assert str(caught.value).replace('"', "") == f"An L∞ eps is in pixel units, from 0 to 1; got {got}"
