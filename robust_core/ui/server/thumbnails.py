"""Small images for choosing by, each made when a browser first asks for it, on a thread of the server's and never in a
page's script.
"""

import io
from functools import lru_cache
from urllib.parse import quote
from weakref import WeakValueDictionary

from PIL import Image, ImageOps
from starlette.responses import Response
from starlette.routing import Route

from robust_core import data
from robust_core.errors import RobustError
from robust_core.images import LabelledImage

FOLDER = "/assets/thumbnails/"
UPLOAD = "upload/"
SIDE_PX = 96  # twice what the strip shows, for screens with two pixels to a point
QUALITY = 80  # lossy: it shows which image is meant, and nothing is read from its pixels
KEPT = 1024
HEADERS = {"Cache-Control": "private, max-age=600"}
_UPLOADED: WeakValueDictionary[str, LabelledImage] = WeakValueDictionary()


def sample_path(sample_id: str) -> str:
    """Where the thumbnail of an image with this id of `data` is to be had."""
    return FOLDER + quote(sample_id)


def upload_path(image: LabelledImage) -> str:
    """Where that of an upload is to be had for as long as its session keeps it; who has not seen the image cannot
    guess its digest.
    """
    _UPLOADED[image.digest] = image
    return FOLDER + UPLOAD + image.digest


def thumbnails_route() -> Route:
    """The route that serves every such path."""
    return Route(FOLDER + "{image_id:path}", _serve)


def _serve(request) -> Response:
    image_id = request.path_params["image_id"]
    try:
        content = _of_upload(image_id.removeprefix(UPLOAD)) if image_id.startswith(UPLOAD) else _of_sample(image_id)
    except RobustError:
        return Response(status_code=404)
    return Response(status_code=404) if content is None else Response(content, media_type="image/webp", headers=HEADERS)


def _of_upload(digest: str) -> bytes | None:
    image = _UPLOADED.get(digest)
    return None if image is None else thumbnail(image)


@lru_cache(KEPT)
def _of_sample(sample_id: str) -> bytes:
    return thumbnail(data.read(sample_id))


def thumbnail(image: LabelledImage) -> bytes:
    """The centre square of an image, 96 x 96 px, as WebP."""
    square = ImageOps.fit(Image.fromarray(image.rgb), (SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    square.save(buffer, "WEBP", quality=QUALITY, method=0)
    return buffer.getvalue()
