"""The Square attack beside pyautoattack, with the same draws, and draws that are each image's own."""

import pytest
import torch
from torch import nn

from robust_core.attacks import square
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.draws import square_generators
from robust_core.attacks.search import attack
from robust_core.events import result_of
from tests.attacks.networks import grey, shifted
from tests.attacks.recording import recorded
from tests.tiny import as_model, convolutional, images

EPS, NORMS = {"linf": 8 / 255, "l2": 0.3}, {"linf": "Linf", "l2": "L2"}
QUERIES = 120
SIDE_PX = 10  # which 5 × 5 squares fill: pyautoattack's grid leaves the image otherwise


def _theirs(**options):
    return pytest.importorskip("pyautoattack.square").SquareAttack(
        options.pop("network", None), resc_schedule=False, device="cpu", verbose=False, **options
    )


def test_the_squares_shrink_as_pyautoattacks():
    theirs = _theirs(n_queries=5000, eps=0.1)
    queries = [*range(300), *range(490, 5000, 97), 1000, 1001, 2000, 2001, 4000, 4001, 9000]
    assert [square.covered(one) for one in queries] == [theirs.p_selection(one) for one in queries]


@pytest.mark.parametrize("side", [1, 2, 3, 4, 5, 12, 13, 51])
def test_bumps_are_pyautoattacks(side):
    theirs, ours = _theirs(norm="L2", eps=0.1).eta(side), square.bump(side)  # it turns some at random
    assert torch.allclose(ours, theirs, atol=1e-6) or torch.allclose(ours.T, theirs, atol=1e-6)
    torch.testing.assert_close(square.bump(side).norm(), torch.tensor(1.0))


def _of_ten_px():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.SiLU(), nn.Flatten(), nn.Linear(8 * (SIDE_PX - 2) ** 2, 5))
    body[-1].bias.data[2] = 1.0
    return as_model(body)


def _with_our_draws(norm, network):
    """pyautoattack, which takes every random number from our draws for the one image that it attacks."""
    base = type(_theirs(eps=0.1))
    (die,) = square_generators(0, [0])

    class WithOurDraws(base):
        def attack_single_run(self, x, y):
            if norm == "linf":
                self.signs = [torch.from_numpy(die.random((3, 1, SIDE_PX)))]
            else:
                grid = torch.from_numpy(die.random((5, 5, 4))).view(-1, 4)
                self.ways, self.signs = [row[0] for row in grid], [row[1:] for row in grid]
            self.places = []
            return super().attack_single_run(x, y)

        def p_selection(self, query):
            """The next query begins."""
            if query % square.QUERIES_AT_ONCE == 0:
                self.block = torch.from_numpy(die.random((square.QUERIES_AT_ONCE, square.DRAWS)))
            drawn = self.block[query % square.QUERIES_AT_ONCE]
            self.places, self.ways, self.signs = list(drawn[:4]), [drawn[4]], [drawn[5:]]
            return super().p_selection(query)

        def random_int(self, low=0, high=1, shape=()):
            return (self.places.pop(0) * (high + 1)).long()  # the last place is one, too

        def random_choice(self, shape):
            return torch.where(self.signs.pop(0) < 0.5, -1.0, 1.0).view(shape)

        def eta(self, side):
            return square.bump(side) if self.ways.pop(0) < 0.5 else square.bump(side).T

    options = {"n_queries": QUERIES - 1, "eps": EPS[norm], "resc_schedule": False, "device": "cpu"}
    return WithOurDraws(network, norm=NORMS[norm], **options)


@pytest.mark.parametrize("norm", EPS)
def test_with_the_same_draws_every_query_is_pyautoattacks(norm):
    model, clean = _of_ten_px(), images(1, seed=3, side_px=SIDE_PX)
    label = model.logits(clean).argmax(1)
    twin, theirs = recorded(model)
    with torch.no_grad():
        _with_our_draws(norm, twin.network).perturb(clean, label)
    twin, ours = recorded(model)
    found = result_of(attack(twin, clean, label.tolist(), AttackConfig("square", norm, EPS[norm], QUERIES)))
    assert found.forward_passes - 1 > 30, "an image that breaks at once shows little"
    ours, theirs = ours[1:-2], theirs[1:-1]  # but for the looks at what is clean and at what is found
    for query, (mine, its) in enumerate(zip(ours, theirs, strict=True)):
        torch.testing.assert_close(mine, its, atol=2e-5, rtol=0, msg=f"query {query}")


@pytest.mark.parametrize("norm", EPS)
def test_an_image_gets_its_own_squares_whatever_its_batch(norm):
    model, clean = convolutional(), images(4)
    config, labels = AttackConfig("square", norm, 3 * EPS[norm], 40), model.logits(clean).argmax(1).tolist()
    together = result_of(attack(model, clean, labels, config))
    for place in (1, 3):
        alone = result_of(attack(model, clean[place : place + 1], labels[place : place + 1], config, indices=[place]))
        torch.testing.assert_close(alone.pixels[0], together.pixels[place], atol=1e-6, rtol=0)
    first, second = (square.SQUARES[norm].start(grey(1), 0.1, square_generators(seed, [0])) for seed in (0, 1))
    assert not torch.equal(first, second)


def test_only_scores_are_asked_for_and_the_first_query_is_the_start():
    twin, seen = recorded(shifted(0.5))
    found = result_of(attack(twin, grey(1), [0], AttackConfig("square", "linf", 8 / 255, 7)))
    assert (found.forward_passes, found.backward_passes) == (1 + 7, 0)
    stripes = seen[1] - 0.5
    torch.testing.assert_close(stripes.abs(), torch.full_like(stripes, 8 / 255))
    assert (stripes == stripes[:, :, :1]).all()


def test_the_whole_ball_is_searched():
    """Squares of either sign in every channel reach the corner that breaks the network, and no farther."""
    for eps, breaks in ((7.9 / 255, False), (16 / 255, True)):
        found = result_of(attack(shifted(8 / 255), grey(2), [0] * 2, AttackConfig("square", "linf", eps, 150)))
        assert found.broken.tolist() == [breaks] * 2


def test_images_smaller_than_the_grid_have_squares():
    for norm in EPS:
        small = square.SQUARES[norm].start(torch.full((1, 3, 3, 4), 0.5), 0.1, square_generators(0, [0]))
        moved = square.SQUARES[norm].move(small, torch.full((1, 3, 3, 4), 0.5), 0.1, 0.8, torch.rand(1, square.DRAWS))
        assert moved.isfinite().all()
