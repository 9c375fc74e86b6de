import numpy as np
import pytest
import torch

from robust_core.attacks.balls import BALLS, project

NORMS = sorted(BALLS)


def _changes(n=4, scale=1.0):
    return scale * torch.randn(n, 3, 5, 7, generator=torch.Generator().manual_seed(0))


def test_distances_known_by_hand():
    change = torch.zeros(2, 3, 2, 2)
    change[0, 0, 0, 0], change[0, 2, 1, 1] = 3.0, -4.0
    assert BALLS["linf"].distance(change).tolist() == [4, 0]
    assert BALLS["l2"].distance(change).tolist() == [5, 0]


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("scale", [1e30, 1.0, 1e-25, 1e-30])
def test_a_direction_has_length_one_however_faint_the_gradient(norm, scale):
    gradient = _changes(scale=scale)
    direction = BALLS[norm].direction(gradient)
    assert torch.allclose(BALLS[norm].distance(direction), torch.ones(4), atol=1e-5)
    assert (direction * gradient >= 0).all()
    assert torch.allclose(direction, BALLS[norm].direction(_changes()), atol=1e-6)


@pytest.mark.parametrize("norm", NORMS)
def test_a_gradient_of_zero_has_no_direction(norm):
    assert not BALLS[norm].direction(torch.zeros(2, 3, 4, 4)).any()


@pytest.mark.parametrize("norm", NORMS)
def test_shrinking_ends_on_the_edge_and_leaves_the_inside_alone(norm):
    ball, change = BALLS[norm], _changes()
    assert torch.allclose(ball.distance(ball.shrink(change, 0.5)), torch.full((4,), 0.5))
    assert torch.equal(ball.shrink(change, 1e3), change)
    assert not ball.shrink(change, 0.0).any()


@pytest.mark.parametrize("norm", NORMS)
def test_a_projection_is_in_the_ball_and_in_the_cube_and_stays_where_it_is(norm):
    ball, clean = BALLS[norm], torch.rand(4, 3, 5, 7, generator=torch.Generator().manual_seed(1))
    projected = project(clean + _changes(), clean, ball, 0.4)
    assert (ball.distance(projected - clean) <= 0.4 + 1e-6).all()
    assert projected.min() >= 0
    assert projected.max() <= 1
    assert torch.allclose(project(projected, clean, ball, 0.4), projected, atol=1e-7)


def test_samples_fill_the_ball_evenly():
    random = np.random.default_rng(0)
    cube = np.stack([BALLS["linf"].sample(random, (3, 8, 8)) for _ in range(50)])
    assert -1 <= cube.min() < -0.99
    assert 0.99 < cube.max() <= 1
    assert abs(cube.var() - 1 / 3) < 0.01
    lengths = np.array([np.linalg.norm(BALLS["l2"].sample(random, (3, 1, 1))) for _ in range(4000)])
    assert lengths.max() <= 1 + 1e-6
    assert abs((lengths < 0.5).mean() - 0.5**3) < 0.02


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("scale", [1e37, 1e20, 1e-20, 1e-30])
def test_neither_huge_nor_tiny_changes_leave_float32_when_they_are_measured_and_shrunk(norm, scale):
    ball, plain, scaled = BALLS[norm], _changes(), _changes(scale=scale)
    assert torch.allclose(ball.distance(scaled) / scale, ball.distance(plain), rtol=1e-5)
    assert torch.allclose(ball.shrink(scaled, 0.5 * scale) / scale, ball.shrink(plain, 0.5), rtol=1e-4)
    assert torch.equal(ball.shrink(scaled, 1e300), scaled)


@pytest.mark.parametrize("norm", NORMS)
def test_the_diameter_is_the_distance_from_black_to_white(norm):
    white = torch.ones(1, 3, 5, 7)
    assert float(BALLS[norm].distance(white)) == pytest.approx(BALLS[norm].diameter((3, 5, 7)))
