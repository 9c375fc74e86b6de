"""An ε out of range is told in the unit in which it was written, and 255ths are suggested only where they would be in
range.
"""

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
SENTENCE = "eps must be at least 0 and at most 1, in pixel units; got {}"


@pytest.mark.parametrize("eps", GOT)
def test_eps_in_a_terminal(call, ready, tmp_path, eps):
    write_by_wnid(tmp_path / "val", drawings(1))
    code, _, err = call(f"attack --model {ready[0].key} --eps {eps} --images", tmp_path / "val")
    assert code == 1
    assert err == SENTENCE.format(GOT[eps]) + "\n"


@pytest.mark.parametrize("eps", GOT)
def test_eps_in_a_notebook(eps):
    with pytest.raises(BadInput) as caught:
        rc.pgd("efficientnet_lite0", rc.load_images("foolbox", 1), eps, progress=False)
    assert str(caught.value) == SENTENCE.format(GOT[eps])
