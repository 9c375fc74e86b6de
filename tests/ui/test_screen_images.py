import base64
import io

import numpy as np
from PIL import Image

from robust_core.models.spec import Preprocess
from robust_core.ui import screen_images

RGB = np.random.default_rng(0).integers(0, 256, (60, 100, 3), dtype=np.uint8)


def opened(uri):
    return Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/webp;base64,"))))


def test_on_the_screen_a_large_image_is_smaller_and_a_tiny_one_is_enlarged_crisply():
    large = np.zeros((300, 500, 3), dtype=np.uint8)
    assert opened(screen_images.screen_uri(large, longest_side_px=50)).size == (50, 30)
    assert opened(screen_images.screen_uri(large)).size == (500, 300)
    np.testing.assert_array_equal(np.asarray(opened(screen_images.screen_uri(RGB)))[::6, ::6], RGB)


def test_a_webp_for_the_sequence_is_lossless():
    np.testing.assert_array_equal(np.asarray(opened(screen_images.webp_uri(RGB))), RGB)


def test_a_png_to_take_away_is_lossless():
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(screen_images.png(RGB)))), RGB)


def preprocess(resize, crop):
    return Preprocess(resize, crop, "bilinear", (0, 0, 0), (1, 1, 1))


def kept(framed):
    """The box of the pixels that did not get fainter: left, upper, right, lower."""
    rows, columns = np.nonzero((framed == RGB).all(axis=2))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def test_what_a_model_sees_stays_as_it_is_and_the_rest_gets_fainter():
    framed = screen_images.with_crop_frame(RGB, preprocess(resize=30, crop=20))
    assert kept(framed) == (30, 10, 71, 51), "two thirds of the shorter side, in the middle"
    assert (framed.astype(int) >= RGB).all()


def test_without_cropping_the_whole_height_is_seen():
    assert kept(screen_images.with_crop_frame(RGB, preprocess(resize=224, crop=224)))[1::2] == (0, 60)


def test_the_input_square_is_the_centre_at_the_input_size():
    panorama = np.zeros((60, 600, 3), dtype=np.uint8)
    panorama[:, 270:330] = RGB[:, 20:80]
    np.testing.assert_array_equal(screen_images.input_square(panorama, preprocess(resize=60, crop=60)), RGB[:, 20:80])
    assert screen_images.input_square(panorama, preprocess(resize=256, crop=224)).shape == (224, 224, 3)
    assert screen_images.input_square(panorama, preprocess(resize=None, crop=224)).shape == (224, 224, 3), (
        "larger than the image: what there is"
    )


def test_the_share_that_models_see_is_the_squares():
    assert screen_images.input_share(RGB, preprocess(resize=60, crop=60)) == 0.6
    assert screen_images.input_share(RGB, preprocess(resize=60, crop=30)) == 0.15
