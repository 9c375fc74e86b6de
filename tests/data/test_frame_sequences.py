import sys

import numpy as np
import pytest
from PIL import Image

from robust_core.data import foolbox, frame_sequences, list_samples, read, read_frames
from robust_core.data.frame_sequences import frames
from robust_core.errors import BadImage
from tests.data.folders import TENCH, put

SIDE_PX = 64


def sequence(path, count: int) -> list[np.ndarray]:
    """Write a frame sequence of `count` frames with OpenCV, as ImageNet-P's readers know it, and return what OpenCV
    reads from it.
    """
    cv2 = pytest.importorskip("cv2")
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 15, (SIDE_PX, SIDE_PX))
    slope = np.add.outer(np.arange(SIDE_PX), np.arange(SIDE_PX))
    for number in range(count):
        writer.write(np.stack([slope, slope * 2 % 256, np.full_like(slope, 8 * number)], axis=-1).astype(np.uint8))
    writer.release()
    video, seen = cv2.VideoCapture(str(path)), []
    while (read_one := video.read())[0]:
        seen.append(cv2.cvtColor(read_one[1], cv2.COLOR_BGR2RGB))
    return seen


def test_a_video_has_the_frames_that_the_reference_reads(tmp_path):
    pytest.importorskip("av")
    expected = sequence(tmp_path / "film.mp4", 31)
    found = list(frames(tmp_path / "film.mp4", 7, "a test"))
    assert len(found) == len(expected) == 31
    for frame, pixels in zip(found, expected, strict=True):
        np.testing.assert_array_equal(frame.rgb, pixels)
    assert (found[2].name, found[2].label, found[2].source) == ("film 3", 7, "a test")
    assert len({frame.digest for frame in found}) == 31
    with pytest.raises(ValueError, match="read-only"):
        found[0].rgb[0, 0] = 0


def test_imagenet_p_is_read_from_videos(tmp_path, monkeypatch):
    pytest.importorskip("av")
    monkeypatch.setenv("ROBUST_LAB_DATA", str(tmp_path))
    monkeypatch.setattr(foolbox, "_images", tuple)
    expected = sequence(tmp_path / "imagenet-p" / "snow" / TENCH / "ILSVRC2012_val_00000293.mp4", 5)
    (sample,) = list_samples("own-imagenet-p", condition="snow")
    assert len(read_frames(sample.id)) == 5
    np.testing.assert_array_equal(read(sample.id).rgb, expected[0])


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize("data", [b"", b"no video", PLAYLIST, bytes(5000)])
def test_what_is_no_video_is_refused(tmp_path, data):
    pytest.importorskip("av")
    (tmp_path / "film.mp4").write_bytes(data)
    with pytest.raises(BadImage, match=r"^film\.mp4 is no sound MP4 video\.$"):
        list(frames(tmp_path / "film.mp4", None, "a test"))


def test_a_video_cut_short_is_refused(tmp_path):
    pytest.importorskip("av")
    sequence(tmp_path / "film.mp4", 31)
    whole = (tmp_path / "film.mp4").read_bytes()
    (tmp_path / "film.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadImage, match="no sound MP4 video"):
        list(frames(tmp_path / "film.mp4", None, "a test"))


def test_without_pyav_a_video_is_refused_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "film.mp4").touch()
    with pytest.raises(BadImage, match=r"^film\.mp4 is a video, and PyAV, .* pip install av\.$"):
        next(frames(tmp_path / "film.mp4", None, "a test"))


def test_frames_in_a_folder_are_ordered_by_number(tmp_path):
    for name, grey in [("f10.png", 10), ("f9.png", 9), ("f011.png", 11)]:
        put(tmp_path / name, grey)
    assert [int(frame.rgb[0, 0, 0]) for frame in frames(tmp_path, None, "a test")] == [9, 10, 11]


def test_a_sequence_without_frames_or_with_too_many_is_refused(tmp_path, monkeypatch):
    with pytest.raises(BadImage, match="holds no frames"):
        list(frames(tmp_path, None, "a test"))
    monkeypatch.setattr(frame_sequences, "MAX_FRAMES", 2)
    for number in range(3):
        put(tmp_path / f"{number}.png", number)
    with pytest.raises(BadImage, match="more than 2 frames"):
        list(frames(tmp_path, None, "a test"))


def test_a_damaged_frame_is_named(tmp_path):
    put(tmp_path / "1.png", 1)
    (tmp_path / "2.png").write_bytes(b"no image")
    with pytest.raises(BadImage, match=r"^2\.png is not"):
        list(frames(tmp_path, None, "a test"))


def test_only_the_first_frame_is_decoded_when_only_it_is_asked_for(tmp_path):
    Image.new("RGB", (32, 32)).save(tmp_path / "1.png")
    (tmp_path / "2.png").write_bytes(b"no image")
    assert next(frames(tmp_path, None, "a test")).name == "1.png"
