"""Classes that are new to Mini's networks: the same in any order, and told by what the task says alone."""

import numpy as np
import pytest
import torch

from robust_core import data
from robust_core.data.drawn_sets import downstream_images
from robust_core.errors import BadInput, UnknownName
from robust_core.mini.downstream_images import downstream_image
from robust_core.mini.downstream_tasks import DOWNSTREAM_TASKS, get_task
from robust_core.mini.new_shapes import NEW_SHAPES, new_silhouette
from robust_core.mini.new_surfaces import NEW_SURFACES
from robust_core.mini.shapes import CATEGORIES
from robust_core.mini.textures import TEXTURES

every_task = pytest.mark.parametrize("task", DOWNSTREAM_TASKS.values(), ids=lambda task: task.key)


def test_the_tasks_name_what_is_drawn_and_none_of_it_is_in_mini():
    assert get_task("new_shapes").classes == tuple(NEW_SHAPES)
    assert get_task("new_surfaces").classes == tuple(NEW_SURFACES)
    known = {*CATEGORIES, *(texture.__name__.replace("_", " ") for texture in TEXTURES)}
    assert not known & {name for task in DOWNSTREAM_TASKS.values() for name in task.classes}
    assert len({task.number for task in DOWNSTREAM_TASKS.values()}) == len(DOWNSTREAM_TASKS)


@every_task
def test_an_image_is_the_same_whenever_it_is_drawn_and_unlike_every_other(task):
    first = [downstream_image(task, label, number) for label in (0, 7) for number in (0, 3)]
    again = [downstream_image(task, label, number) for label in (7, 0) for number in (3, 0)]
    assert torch.equal(first[0], again[3])
    assert torch.equal(first[3], again[0])
    assert first[0].shape == (3, 64, 64)
    assert len({image.numpy().tobytes() for image in first}) == 4


@every_task
def test_its_images_are_read_by_their_ids_with_the_class_as_label(task):
    images = downstream_images(task.key, 2)
    assert len(images) == 2 * len(task.classes)
    assert [image.label_space.names[image.label] for image in images] == list(task.classes) * 2
    drawn = (downstream_image(task, 1, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    assert np.array_equal(data.read(f"mini/downstream/{task.key}/{task.classes[1]}/1").rgb, drawn)
    assert images[:3].identity != images[:4].identity


@pytest.mark.parametrize("name", NEW_SHAPES)
def test_a_silhouette_fills_its_canvas_and_varies(name):
    first, second = (new_silhouette(name, variant)[0] for variant in (0, 1))
    assert 0.05 < (first > 127).mean() < 0.6
    assert (first != second).any()
    assert max(first[0].max(), first[-1].max(), first[:, 0].max(), first[:, -1].max()) < 128, "nothing is cut off"


@pytest.mark.parametrize("name", NEW_SURFACES)
def test_a_surface_has_both_of_its_colours(name):
    from robust_core.mini.batch_rng import BatchRng

    axis = torch.linspace(-1, 1, 64)
    v, u = (plane.expand(8, -1, -1) for plane in torch.meshgrid(axis, axis, indexing="ij"))
    share = NEW_SURFACES[name](u, v, BatchRng(np.random.default_rng(0), 8))
    assert share.shape == (8, 64, 64)
    assert 0 <= share.min() < 0.2
    assert 0.8 < share.max() <= 1
    assert (share.flatten(1).std(1) > 0.1).all()


def test_what_there_is_none_of_is_said():
    with pytest.raises(UnknownName, match="new_shapes"):
        downstream_images("new_shape")
    with pytest.raises(UnknownName, match="cup"):
        data.read("mini/downstream/new_shapes/cap/0")
    with pytest.raises(UnknownName):
        data.read("mini/downstream/new_shapes/cup/x")
    with pytest.raises(BadInput, match="n must be"):
        downstream_images("new_shapes", 0)
