from robust_core.models.catalogue import get_spec
from robust_core.ui.model_table import facts


def test_the_address_of_weights_is_a_link_that_nothing_escapes():
    spec = get_spec("resnext101_32x8d")
    assert "_" in spec.weights.url
    assert facts(spec)["Weights"].startswith(f"<{spec.weights.url}> (")


def test_a_model_without_an_address_names_its_source_and_no_row_is_empty():
    known = facts(get_spec("mini_resnext"))
    assert "://" not in known["Weights"]
    assert all(known.values())
