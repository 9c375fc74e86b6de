"""What a network makes of weakened concepts, in closed form."""

import numpy as np
import pytest

from robust_core.craft import masking
from robust_core.craft.masking import masked_logits
from robust_core.craft.split_network import SplitNetwork
from tests.craft.networks import SIDE_PX, colours

WEIGHTS, BIAS = [[3.0, 1.0, 0.0], [0.0, -2.0, 1.0]], (0.5, 0.0)
COEFFICIENTS = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 2.0], [0.0, 0.0]])  # of a grid of 2 x 2
BANK = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])  # red and green


@pytest.mark.parametrize("at_once", [masking.MOST_VALUES, 12])
def test_a_linear_network_is_linear_in_the_masks(monkeypatch, at_once):
    monkeypatch.setattr(masking, "MOST_VALUES", at_once)
    masks = np.array([[1, 1], [0, 1], [1, 0.5], [0, 0]], float)
    network = SplitNetwork(colours(WEIGHTS, BIAS), SIDE_PX, SIDE_PX)
    red, green = masks.T * COEFFICIENTS.mean(0)[:, None]
    expected = np.stack([0.5 + 3 * red + green, -2 * green], axis=1)
    assert masked_logits(network, COEFFICIENTS, BANK, masks, (2, 2)).numpy() == pytest.approx(expected, abs=1e-6)
