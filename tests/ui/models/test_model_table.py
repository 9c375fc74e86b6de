import hashlib

from robust_core.models import digests
from robust_core.models.catalogue import get_spec
from robust_core.ui.models.model_table import facts, overview, ready_first, sources


def test_the_address_of_weights_is_a_link_that_nothing_escapes():
    spec = get_spec("resnext101_32x8d")
    assert "_" in spec.weights.url
    assert sources(spec)["Weights"].startswith(f"<{spec.weights.url}> (")


def test_where_nobody_published_a_hash_the_one_of_the_first_download_is_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    spec = get_spec("beit_base_patch16_224")
    assert sources(spec)["SHA-256"] == "no published SHA-256"
    path = tmp_path / "weights" / spec.weights.name
    path.parent.mkdir()
    path.write_bytes(b"weights")
    digests.sha256(path)
    assert hashlib.sha256(b"weights").hexdigest() in sources(spec)["SHA-256"]


def test_a_model_without_an_address_names_its_source_and_no_row_is_empty():
    known = facts(get_spec("mini_resnext")) | sources(get_spec("mini_resnext"))
    assert "://" not in known["Weights"]
    assert all(known.values())


def test_what_is_ready_comes_first_and_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    specs = [get_spec("resnet50"), get_spec("mini_resnext"), get_spec("alexnet")]
    assert [spec.key for spec in ready_first(specs)] == ["mini_resnext", "resnet50", "alexnet"]
    assert overview(specs) == (
        "**1 of 3 models are ready**: Mini ResNeXt. Choose them in the sidebar of any live page, each in "
        "its world. "
        "Download another 2 below, or import your own."
    )
    assert overview(specs[::2]).startswith("**0 of 2 models are ready**. Download another 2 below")
