import pytest

from robust_core.ui.features.layer_profiles import _first_layer, _two_first_layers


@pytest.mark.parametrize(
    ("percent", "said"),
    [
        (24.3, "24% of the noise passes the first layer"),
        (100.4, "100% of the noise passes the first layer"),
        (104.0, "The first layer amplifies the noise 1.04 times"),
        (513.0, "The first layer amplifies the noise 5.1 times"),
    ],
)
def test_above_100_percent_a_layer_amplifies_noise(percent, said):
    assert _first_layer(percent, "the first layer") == said


def test_two_models_are_compared_in_one_sentence():
    assert _two_first_layers(24, 97) == (
        "24% of the noise passes the first layer after adversarial training, 97% without"
    )
    assert _two_first_layers(24, 120) == (
        "24% of the noise passes the first layer after adversarial training; without, it amplifies the noise 1.2 times"
    )
