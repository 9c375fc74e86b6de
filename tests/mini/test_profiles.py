import pytest
import torch

from robust_core.mini.profiles import LOWEST, cell, ridge, step

X = torch.linspace(-7, 7, 1401)


def test_a_step_is_a_logistic_curve():
    assert torch.allclose(step(X, 0.5), 1 / (1 + torch.exp(-X / 0.5)), atol=1e-7)


def test_a_step_has_no_denormal_numbers():
    far = step(torch.tensor([-1e6, -200.0, 200.0, 1e6]), 0.05)
    assert far.tolist() == pytest.approx([0, 0, 1, 1], abs=1e-20)
    assert far.min() > torch.finfo(torch.float32).tiny
    assert far[0] == torch.sigmoid(torch.tensor(LOWEST))


def test_a_cell_is_the_remainder():
    assert torch.equal(cell(X), X % 1)
    assert cell(torch.tensor([-3, -2, 0, 1, 8]) / 2).tolist() == [0.5, 0, 0, 0.5, 0]


def test_a_ridge_is_the_distance_from_the_middle_of_a_cell():
    assert ridge(torch.tensor([-1.0, -0.75, -0.5, 0.0, 0.25, 2.5, 3.0])).tolist() == [1, 0.5, 0, 1, 0.5, 0, 1]
