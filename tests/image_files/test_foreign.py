"""Files that are no image we read are named for what they are."""

import re
import struct

import pytest

from robust_core.errors import BadImage
from robust_core.image_files.foreign import FOREIGN, what_it_is
from robust_core.images import decode


def media(brand: bytes) -> bytes:
    return struct.pack(">I4s4sI4s", 20, b"ftyp", brand, 0, b"isom") + bytes(40)


BEGINNINGS = {
    "a web page": [b"\n<!DOCTYPE html><html><svg></svg>", b"<html>"],
    "an SVG drawing": [
        b"<svg onload=alert(1)>",
        b'<?xml version="1.0"?>\n<!-- by hand -->\n<svg>',
        b"\xef\xbb\xbf<!DOCTYPE svg><svg>",
    ],
    "a PDF": [b"%PDF-1.7\n", b"\n\n%PDF-1.4"],
    "a PostScript file": [b"%!PS-Adobe-3.0 EPSF-3.0\n"],
    "a Photoshop file (PSD)": [b"8BPS\0\1"],
    "a GIMP file (XCF)": [b"gimp xcf v011\0"],
    "a JPEG 2000 image": [b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51\0"],
    "a JPEG XL image": [b"\0\0\0\x0cJXL \r\n\x87\n", b"\xff\x0a\xfa"],
    "a JPEG of more than 8 bits": [b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(11) + b"\xff\xc1\0\x0b\x0c" + bytes(20)],
    "a BigTIFF in big-endian order": [b"MM\0+\0\x08\0\0" + bytes(8)],
    "a JPEG XR image": [b"II\xbc\x01"],
    "an OpenEXR image (HDR)": [b"\x76\x2f\x31\x01\2\0\0\0"],
    "a Radiance image (HDR)": [b"#?RADIANCE\n", b"#?RGBE\n"],
    "a DICOM file": [bytes(128) + b"DICM"],
    "a FITS file": [b"SIMPLE  =                    T"],
    "a Netpbm or PFM image": [b"P6\n2 2\n255\n", b"PF\n"],
    "a Windows icon": [b"\0\0\1\0\1\0\x20\x20"],
    "a camera RAW file": [b"IIRO\x08\0\0\0", b"IIU\0\x18", b"FUJIFILMCCD-RAW 0201", media(b"crx ")],
    "a video": [
        media(b"isom"),
        media(b"mp42"),
        media(b"qt  "),
        b"\0\0\0\x08wide\0\0",
        b"\x1a\x45\xdf\xa3",
        b"RIFF\0\0\0\0AVI LIST",
    ],
    "a sound file": [b"RIFF\0\0\0\0WAVE", b"ID3\4"],
    "a ZIP archive or an office document": [b"PK\3\4\x14\0"],
    "an archive": [b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c"],
    "a file of numbers": [b"\x93NUMPY\1\0", b"\x89HDF\r\n"],
}


def test_every_row_is_tried():
    assert set(BEGINNINGS) == {row.title for row in FOREIGN}


@pytest.mark.parametrize(("title", "data"), [(title, data) for title, some in BEGINNINGS.items() for data in some])
def test_the_sentence_says_what_the_file_is_and_what_to_do(title, data):
    with pytest.raises(BadImage) as refusal:
        decode(data, "holiday.png")
    assert re.fullmatch(rf"holiday\.png is {re.escape(title)}; [^;]+\.", str(refusal.value))


@pytest.mark.parametrize(
    "data", [b"just a line of text\n", bytes(5000), b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"\0"]
)
def test_what_we_do_not_know_gets_no_name(data):
    assert what_it_is(data) is None
