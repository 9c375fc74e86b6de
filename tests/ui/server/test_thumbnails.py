"""Small images by HTTP: of samples by id, of uploads by digest while a session holds them, of nothing else."""

import gc
import io

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from robust_core import data
from robust_core.data.synthetic import synthetic_id
from robust_core.images import LabelledImage
from robust_core.ui.server import thumbnails


@pytest.fixture
def client():
    return TestClient(Starlette(routes=[thumbnails.thumbnails_route()]))


def opened(response) -> Image.Image:
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/webp"
    return Image.open(io.BytesIO(response.content))


def halves() -> LabelledImage:
    """Black at the left, white at the right, twice as wide as high."""
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[:, 100:] = 255
    return LabelledImage.of_pixels(rgb, "halves", "test")


@pytest.mark.parametrize("image_id", [synthetic_id("clean", "dog", "cat", 7), data.list_samples("foolbox")[0].id])
def test_a_sample_is_served_by_its_id(client, image_id):
    assert opened(client.get(thumbnails.sample_path(image_id))).size == (96, 96)


def test_an_upload_is_served_for_as_long_as_somebody_holds_it(client):
    image = halves()
    path = thumbnails.upload_path(image)
    shown = np.asarray(opened(client.get(path)).convert("RGB")).astype(int)
    assert shown[:, :40].max() < 20, "the centre square: black at its left"
    assert shown[:, 56:].min() > 235
    del image
    gc.collect()
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["nothing", "mini/clean/dog", "mini/clean/dog/cat/-1", "upload/", "upload/0", "..%2fapp.py", "foolbox/99"],
)
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(thumbnails.FOLDER + path).status_code == 404
