import torch

from robust_core.attacks.balls import BALLS
from robust_core.attacks.draws import random_starts, random_targets
from tests.tiny import images

LINF = BALLS["linf"]


def test_an_image_s_draws_do_not_depend_on_its_company():
    clean = images(5)
    together = random_starts(clean, LINF, 0.1, seed=3, indices=range(5), restart=0)
    alone = random_starts(clean[3:4], LINF, 0.1, seed=3, indices=[3], restart=0)
    assert torch.equal(together[3:4], alone)
    labels = torch.arange(5)
    assert random_targets(labels, 10, 3, range(5))[3:4].equal(random_targets(labels[3:4], 10, 3, [3]))


def test_seeds_restarts_and_images_differ():
    clean = images(1).repeat(2, 1, 1, 1)
    starts = [random_starts(clean, LINF, 0.1, seed, [0, 1], restart) for seed, restart in ((0, 0), (0, 1), (1, 0))]
    assert len({start.sum().item() for both in starts for start in both}) == 6


def test_random_targets_are_all_the_other_classes_evenly():
    labels = torch.full((3000,), 2)
    counts = random_targets(labels, 4, seed=0, indices=range(3000)).bincount(minlength=4).tolist()
    assert counts[2] == 0
    assert all(900 < counts[other] < 1100 for other in (0, 1, 3))
