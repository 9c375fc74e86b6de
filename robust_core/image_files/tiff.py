"""TIFF: deep samples that Pillow does not read, or reads wrongly, and files whose first image is only a thumbnail."""

import io
import sys
from dataclasses import dataclass

import numpy as np
from PIL.ImageFile import _Tile
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    COMPRESSION,
    COMPRESSION_INFO,
    FILLORDER,
    IMAGELENGTH,
    IMAGEWIDTH,
    PHOTOMETRIC_INTERPRETATION,
    SAMPLEFORMAT,
    SAMPLESPERPIXEL,
    ImageFileDirectory_v2,
    TiffImageFile,
)

from robust_core.errors import BadImage
from robust_core.image_files.foreign import FROM_RAW
from robust_core.image_files.sample_range import Samples

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
NEW_SUBFILE_TYPE, SUB_IFDS, DNG_VERSION = 254, 330, 50706
MIN_SAMPLE, MAX_SAMPLE, S_MIN_SAMPLE, S_MAX_SAMPLE = 280, 281, 340, 341
WHITE_IS_ZERO, BLACK_IS_ZERO = 0, 1
RAW_PHOTOMETRIC = (32803, 34892)  # colour filter array (TIFF/EP) and linear raw (DNG)
JPEG_COMPRESSIONS = (6, 7)
MAX_SUB_IFDS = 16
SAMPLE_FORMATS = {1: "unsigned", 2: "signed", 3: "float", 4: "untyped", 5: "complex", 6: "complex"}
OTHER_ORDER = {"L": "B", "B": "L", "N": "B" if sys.byteorder == "little" else "L"}


@dataclass(frozen=True)
class _Layout:
    """Where Pillow puts a sample: its mode, its raw mode with a gap for the byte order, and the type that the sample
    really has.
    """

    mode: str
    rawmode: str
    dtype: str


# By SampleFormat and BitsPerSample.
DEEP_GREYS = {
    (1, 12): _Layout("I;16", "I;12", "u2"),
    (1, 16): _Layout("I;16", "I;16{}", "u2"),
    (1, 32): _Layout("I", "I;32{}S", "u4"),
    (2, 8): _Layout("L", "L", "i1"),
    (2, 16): _Layout("I;16", "I;16{}", "i2"),
    (2, 32): _Layout("I", "I;32{}S", "i4"),
    (3, 16): _Layout("I;16", "I;16{}", "f2"),
    (3, 32): _Layout("F", "F;32{}F", "f4"),
    (3, 64): _Layout("F", "F;64{}F", "f8"),  # Pillow rounds to 32 bits
}


class DeepTiff(TiffImageFile):
    """Pillow's reader, for deep samples too; `samples` says what they are, and is None for an image of ordinary depth.

    Pillow's table of layouts has gaps (white is zero, big-endian, 16- and 64-bit floats), leaves white-is-zero of more
    than 8 bits as the negative, swaps the bytes of compressed big-endian samples of 32 bits, and reads uncompressed
    planes of 16 bits as if of 8.
    """

    samples: Samples | None = None
    source = b""

    def _setup(self) -> None:
        layout = _deep_grey(self.tag_v2)
        if layout is None:
            super()._setup()
            self._mend_planes()
            self.samples = _narrow_colours(self)
            return
        bits = _values(self.tag_v2, BITSPERSAMPLE)[0]
        white_is_zero = self.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == WHITE_IS_ZERO
        self.samples = Samples(layout.dtype, *_stated_range(self.tag_v2, bits), white_is_zero=white_is_zero)
        # Pillow sets up 16 bits with its own table, and the mode and raw modes are put right afterwards.
        self.tag_v2[PHOTOMETRIC_INTERPRETATION], self.tag_v2[BITSPERSAMPLE], self.tag_v2[SAMPLEFORMAT] = (
            BLACK_IS_ZERO,
            (16,),
            (1,),
        )
        super()._setup()
        self._mode = layout.mode
        self.tile = [tile._replace(args=self._deep_arguments(tile, layout, bits)) for tile in self.tile]

    def values(self) -> np.ndarray:
        """The samples, loaded and upright: (H, W) of the type `samples.dtype`, or (H, W, 3) uint16."""
        stored = np.asarray(self)
        if self.mode == "RGB":  # Pillow keeps only the high bytes; with the byte order exchanged it keeps the low ones
            return stored.astype(np.uint16) * 256 + np.asarray(_LowBytes(io.BytesIO(self.source)))
        real = np.dtype(self.samples.dtype) if self.samples else stored.dtype
        return stored.view(real) if real.itemsize == stored.itemsize else stored

    def _deep_arguments(self, tile: _Tile, layout: _Layout, bits: int) -> tuple:
        by_libtiff = tile.codec_name == "libtiff"  # which gives the byte order of this machine
        order = "N" if by_libtiff else "B" if self.tag_v2.prefix == b"MM" else ""
        _, stride, *rest = _arguments(tile)
        return (layout.rawmode.format(order), stride if by_libtiff else stride * bits // 16, *rest)

    def _mend_planes(self) -> None:
        if self._planar_configuration == 2 and 16 in _values(self.tag_v2, BITSPERSAMPLE):
            order = "B" if self.tag_v2.prefix == b"MM" else "L"
            self.tile = [
                tile._replace(args=(f"{mode};16{order}", *rest)) if tile.codec_name == "raw" else tile
                for tile in self.tile
                for mode, *rest in [_arguments(tile)]
            ]


class _LowBytes(DeepTiff):
    def _setup(self) -> None:
        super()._setup()
        self.tile = [
            tile._replace(args=(mode[:-1] + OTHER_ORDER[mode[-1]], *rest))
            for tile in self.tile
            for mode, *rest in [_arguments(tile)]
        ]


def _arguments(tile: _Tile) -> tuple:
    """What the decoder of a tile is told, the raw mode first; only formats other than TIFF have a string or nothing."""
    assert isinstance(tile.args, tuple)
    return tile.args


def open_tiff(data: bytes, name: str, *, deep: bool) -> TiffImageFile:
    """The first image of a TIFF, not loaded yet: by `DeepTiff` if `deep`, else by Pillow alone.

    Raises BadImage for a camera RAW file or another one whose first image is a thumbnail, and for a layout that nothing
    here reads; for a broken file whatever Pillow raises.
    """
    tags = _directory(data)
    _refuse_thumbnails(data, tags, name)
    try:
        image = (DeepTiff if deep else TiffImageFile)(io.BytesIO(data))
    except (SyntaxError, KeyError) as error:  # no row in Pillow's tables of layouts and compressions
        if IMAGEWIDTH not in tags or IMAGELENGTH not in tags:
            raise
        raise BadImage(
            f"{name} is a TIFF with {_description(tags)}, which cannot be read here; save it as PNG, or as TIFF of 8 "
            "or 16 bits."
        ) from error
    if isinstance(image, DeepTiff):
        image.source = data
    return image


def _directory(data: bytes, offset: int | None = None) -> ImageFileDirectory_v2:
    directory = ImageFileDirectory_v2(data[: 16 if data[2] == 43 else 8])  # a BigTIFF has the longer header
    file = io.BytesIO(data)
    file.seek(directory.next if offset is None else offset)
    directory.load(file)
    return directory


def _refuse_thumbnails(data: bytes, tags: ImageFileDirectory_v2, name: str) -> None:
    """Refuse what would show a thumbnail for the image: DNG, NEF, ARW, CR2 and others keep the image proper in a
    directory below the first.
    """
    below = [_directory(data, offset) for offset in _values(tags, SUB_IFDS)[:MAX_SUB_IFDS]]
    raw = any(one.get(PHOTOMETRIC_INTERPRETATION) in RAW_PHOTOMETRIC for one in (tags, *below))
    if raw or DNG_VERSION in tags or data[8:10] == b"CR" or any(_area(one) > _area(tags) for one in below):
        raise BadImage(f"{name} is a camera RAW file; {FROM_RAW}.")
    if tags.get(NEW_SUBFILE_TYPE, 0) & 1:  # "a reduced-resolution version of another image in this file"
        raise BadImage(f"{name} is a TIFF whose first image is only a thumbnail; save the full one by itself.")


def _area(tags: ImageFileDirectory_v2) -> int:
    return tags.get(IMAGEWIDTH, 0) * tags.get(IMAGELENGTH, 0)


def _deep_grey(tags: ImageFileDirectory_v2) -> _Layout | None:
    if tags.get(SAMPLESPERPIXEL, 1) != 1 or tags.get(PHOTOMETRIC_INTERPRETATION, BLACK_IS_ZERO) not in (
        WHITE_IS_ZERO,
        BLACK_IS_ZERO,
    ):
        return None
    if tags.get(FILLORDER, 1) != 1 or tags.get(COMPRESSION) in JPEG_COMPRESSIONS:
        return None
    return DEEP_GREYS.get(((_values(tags, SAMPLEFORMAT) or [1])[0], (_values(tags, BITSPERSAMPLE) or [1])[0]))


def _narrow_colours(image: TiffImageFile) -> Samples | None:
    """The samples of a 16-bit RGB image whose tags state a smaller range than 16 bits, such as 12 in 16.

    Raises SyntaxError, as Pillow does for a layout it lacks, where its high bytes are all that can be had.
    """
    stated = _stated_range(image.tag_v2, 16)
    if not all(";16" in str(tile.args) for tile in image.tile) or stated[:2] in ((None, None), (0, 65535)):
        return None
    if image.mode != "RGB" or (image._planar_configuration == 2 and image.use_load_libtiff):
        raise SyntaxError("the low bytes cannot be had")
    return Samples("u2", *stated)


def _stated_range(tags: ImageFileDirectory_v2, bits: int) -> tuple[float | None, float | None, bool]:
    """Black and white by SMin/SMaxSampleValue, else by Min/MaxSampleValue, else by a BitsPerSample between 8 and 16;
    None and None when none is there.

    The third says whether they were only measured: by TIFF 6.0 (page 37) Min/MaxSampleValue are statistics, unless
    white fills a number of bits.
    """
    for low, high in ((S_MIN_SAMPLE, S_MAX_SAMPLE), (MIN_SAMPLE, MAX_SAMPLE)):
        black, white = min(_values(tags, low), default=0), max(_values(tags, high), default=0)
        if np.isfinite([black, white]).all() and black < white:
            return black, white, low == MIN_SAMPLE and (black != 0 or int(white) & (int(white) + 1) != 0)
    return (0, 2**bits - 1, False) if 8 < bits < 16 else (None, None, False)


def _values(tags: ImageFileDirectory_v2, tag: int) -> list:
    """The values of `tag`, whether there are none, one or several."""
    value = tags.get(tag, ())
    return list(value) if isinstance(value, tuple) else [value]


def _description(tags: ImageFileDirectory_v2) -> str:
    if tags.get(COMPRESSION, 1) not in COMPRESSION_INFO:
        return f"compression {tags[COMPRESSION]}"
    bits, kind = (
        (_values(tags, BITSPERSAMPLE) or [1])[0],
        SAMPLE_FORMATS.get((_values(tags, SAMPLEFORMAT) or [1])[0], "untyped"),
    )
    channels = tags.get(SAMPLESPERPIXEL, 1)
    return f"{bits}-bit {kind} samples" + (f" in {channels} channels" if channels > 1 else "")
