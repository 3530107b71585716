"""Photos as they come from phones, and what is kept of them: the picture alone, upright, without place or device."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import Refused
from core.language import N_

MOST_BYTES = 15 * 2**20
MOST_PIXELS = 50_000_000  # unpacked, before anything is unpacked
EDGE_PX, SMALL_PX = 1600, 360  # the longer edge of what is kept, and of its thumbnail
QUALITY = 82
# how files of the formats we open begin
SIGNATURES = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "WEBP": b"RIFF"}
UNFIT = N_("This is not a photo that can be read: JPEG, PNG or WebP")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it is kept: JPEG, and a small one for lists.

    Units: px of the larger one.
    """

    body: bytes
    small: bytes
    width_px: int
    height_px: int


def cleaned(uploaded: bytes) -> Photo:
    """The picture in `uploaded` drawn anew: nothing but its pixels goes on, neither place nor device nor hidden data.

    Raises: Refused, when it is too large, too many pixels would unpack from it, or it is no photo.
    """
    if len(uploaded) > MOST_BYTES:
        raise Refused(N_("A photo may have {most} MB"), most=MOST_BYTES // 2**20)
    formats = [name for name, signature in SIGNATURES.items() if uploaded.startswith(signature)]
    if not formats:
        raise Refused(UNFIT)
    try:
        with Image.open(io.BytesIO(uploaded), formats=formats) as image:
            return _drawn_anew(image)
    except Image.DecompressionBombError as error:
        raise Refused(N_("The photo has too many pixels")) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Refused(UNFIT) from error


def _drawn_anew(image: Image.Image) -> Photo:
    if image.width * image.height > MOST_PIXELS:
        raise Refused(N_("The photo has too many pixels"))
    image.draft("RGB", (EDGE_PX, EDGE_PX))  # a JPEG need not be unpacked larger than it is kept
    upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((EDGE_PX, EDGE_PX))
    small = upright.copy()
    small.thumbnail((SMALL_PX, SMALL_PX))
    return Photo(_jpeg(upright), _jpeg(small), upright.width, upright.height)


def _jpeg(image: Image.Image) -> bytes:
    bare = Image.frombytes("RGB", image.size, image.tobytes())  # without whatever the file said about itself
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
