import gc
import gzip

import numpy as np
from starlette.requests import Request

from robust_core.ui.server import frame_store
from robust_core.ui.server.frame_store import FOLDER, frame_sequence_of, sequences_of

FRAMES = np.random.default_rng(0).integers(0, 256, (5, 6, 8, 3), dtype=np.uint8)


def unpacked(content, height_px, width_px):
    """As the browser does it: each frame is what came added to the frame before, modulo 256."""
    differences = np.frombuffer(content, dtype=np.uint8).reshape(-1, height_px, width_px, 3)
    return np.cumsum(differences, axis=0, dtype=np.uint8)


def ask(path, *encodings):
    headers = [(b"accept-encoding", ", ".join(encodings).encode())] if encodings else []
    return frame_store._serve(
        Request({"type": "http", "path_params": {"name": path.removeprefix(FOLDER)}, "headers": headers})
    )


def test_every_pixel_of_every_frame_comes_back():
    sequence = frame_sequence_of(FRAMES)
    assert (sequence.height_px, sequence.width_px) == (6, 8)
    np.testing.assert_array_equal(unpacked(gzip.decompress(sequence.content), 6, 8), FRAMES)


def test_what_a_browser_gets_is_the_sequence_compressed_where_it_can_be():
    sequence = frame_sequence_of(FRAMES)
    response = ask(sequence.path, "gzip", "br")
    assert (response.status_code, response.headers["content-encoding"]) == (200, "gzip")
    assert response.body == sequence.content
    plain = ask(sequence.path)
    assert "content-encoding" not in plain.headers
    np.testing.assert_array_equal(unpacked(plain.body, 6, 8), FRAMES)
    assert response.headers["cache-control"] == plain.headers["cache-control"] == "no-store"


def test_the_same_frames_are_one_sequence_and_another_shape_is_another():
    sequence = frame_sequence_of(FRAMES)
    assert frame_sequence_of(FRAMES.copy()) is sequence
    assert frame_sequence_of(FRAMES.reshape(5, 8, 6, 3)).path != sequence.path


def test_a_sequence_is_there_for_as_long_as_somebody_holds_it():
    path = frame_sequence_of(FRAMES[:2]).path
    gc.collect()
    assert ask(path).status_code == 404
    assert ask("../secret").status_code == 404


def test_sequences_are_made_once_and_there_for_as_long_as_what_they_belong_to():
    class Owner:
        attacked, change = FRAMES[:2], FRAMES[1:3]

    owner = Owner()
    first, second = sequences_of(owner, "attacked", "change")
    assert sequences_of(owner, "attacked", "change") == (first, second)
    paths = [first.path, second.path]
    del first, second
    gc.collect()
    assert [ask(path).status_code for path in paths] == [200, 200]
    del owner
    gc.collect()
    assert [ask(path).status_code for path in paths] == [404, 404]


def test_steps_of_an_attack_take_little():
    """Between two steps of PGD a value moves by the step at most, here one 255th."""
    walk = np.random.default_rng(1).integers(-1, 2, (24, 64, 64, 3)).cumsum(axis=0)
    image = np.random.default_rng(2).integers(30, 220, (64, 64, 3))
    sequence = frame_sequence_of((image + walk).astype(np.uint8))
    assert len(sequence.content) < 0.35 * walk.size
