"""What a file is that is no image we can read: a literal table of how such files begin, and what to do about each."""

import re
from dataclasses import dataclass

HEAD_BYTES = 65536
EXPORT = "export it as PNG or JPEG"
FROM_RAW = "develop it and save it as JPEG or PNG"


@dataclass(frozen=True)
class Foreign:
    """Files that begin as the pattern says; `advice` completes "<name> is <title>; "."""

    pattern: bytes
    title: str
    advice: str


FOREIGN = (
    Foreign(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html)\b", "a web page", "save the image itself"),
    Foreign(rb"(?:\xef\xbb\xbf)?\s*<(?:svg\b|(?:\?xml|!doctype svg|!--).*?<svg\b)", "an SVG drawing", EXPORT),
    Foreign(rb".{0,1023}?%PDF-", "a PDF", "save the page as PNG or JPEG"),
    Foreign(rb"(?:\xc5\xd0\xd3\xc6|%!PS)", "a PostScript file", EXPORT),
    Foreign(rb"8BPS", "a Photoshop file (PSD)", EXPORT),
    Foreign(rb"gimp xcf", "a GIMP file (XCF)", EXPORT),
    Foreign(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 image", "save it as PNG or JPEG"),
    Foreign(rb"\0\0\0\x0cJXL |\xff\x0a", "a JPEG XL image", "save it as PNG or JPEG"),
    Foreign(rb"\xff\xd8.*?\xff[\xc0-\xc2]\0.[\x09-\x10]", "a JPEG of more than 8 bits", "save it as an 8-bit JPEG"),
    Foreign(rb"MM\0\+", "a BigTIFF in big-endian order", "save it as PNG, or as an ordinary TIFF"),
    Foreign(rb"II\xbc\x01", "a JPEG XR image", "save it as PNG or JPEG"),
    Foreign(rb"\x76\x2f\x31\x01", "an OpenEXR image (HDR)", "tone-map it and save it as PNG or JPEG"),
    Foreign(rb"#\?(?:RADIANCE|RGBE)", "a Radiance image (HDR)", "tone-map it and save it as PNG or JPEG"),
    Foreign(rb".{128}DICM", "a DICOM file", EXPORT),
    Foreign(rb"SIMPLE  =", "a FITS file", EXPORT),
    Foreign(rb"P[1-7fF]\s", "a Netpbm or PFM image", "save it as PNG"),
    Foreign(rb"\0\0[\x01\x02]\0[^\0]\0", "a Windows icon", "save it as PNG"),
    Foreign(
        rb"II(?:RO|RS|U\0)|MMOR|FUJIFILMCCD-RAW|FOVb|\0MRM|II\x1a\0\0\0HEAPCCDR|....ftypcrx ",
        "a camera RAW file",
        FROM_RAW,
    ),
    Foreign(
        rb"....ftyp(?:isom|iso\d|mp4\d|avc1|qt  |M4V|M4VP|3gp|3g2|MSNV|dash|f4v|XAVC)",
        "a video",
        "save a frame of it as PNG or JPEG",
    ),
    Foreign(rb"....(?:moov|mdat|wide|free|skip|pnot)", "a video", "save a frame of it as PNG or JPEG"),
    Foreign(
        rb"\x1a\x45\xdf\xa3|RIFF....AVI |FLV\x01|\0\0\x01[\xb3\xba]|\x30\x26\xb2\x75",
        "a video",
        "save a frame of it as PNG or JPEG",
    ),
    Foreign(rb"RIFF....WAVE|ID3|OggS|fLaC|....ftypM4A", "a sound file", "choose an image"),
    Foreign(rb"PK\x03\x04", "a ZIP archive or an office document", "take the image out of it"),
    Foreign(
        rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf\x27\x1c|Rar!|\x28\xb5\x2f\xfd", "an archive", "take the image out of it"
    ),
    Foreign(rb"\x93NUMPY|\x89HDF|MATLAB", "a file of numbers", "save the image in it as PNG"),
)


def what_it_is(data: bytes) -> Foreign | None:
    """The row that `data` begins like, or None for what we do not know."""
    return next((row for row in FOREIGN if re.match(row.pattern, data[:HEAD_BYTES], re.IGNORECASE | re.DOTALL)), None)
