"""Pictures: opened within limits, and pages drawn as pictures."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from paper_reader.text import NoPaper, opened, page_of

#: How a picture begins, and which decoder of Pillow opens it. HEIC has its brand after the size of its first box.
_BEGINNINGS: Final = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"))
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})
#: The most points (pixels) of a picture, and those of its longer side once it is read.
POINTS: Final = 26_000_000
#: A JPEG is shrunk while it is decoded.
_JPEG_POINTS: Final = 110_000_000
_SIDE: Final = 2_500
#: Pillow's own limit is for other uses: ours is asked before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


class NoPicture(ValueError):
    """The picture cannot be read; str() is a short English word for why: "broken_picture", "too_large"."""


def is_picture(body: bytes) -> bool:
    """Whether a file begins like a picture that is read."""
    return bool(_format(body))


def _format(body: bytes) -> str:
    if body[4:8] == b"ftyp" and body[8:12] in _HEIF_BRANDS:
        return "HEIF"
    return next((name for begins, name in _BEGINNINGS if body.startswith(begins)), "")


def opened_picture(body: bytes, mode: str = "L") -> Image.Image:
    """Return a picture, upright as its camera says, of at most some 2,500 points a side.

    Raises:
        NoPicture: damaged, or with more points than a page of paper needs.
    """
    name = _format(body)
    try:
        if name == "HEIF":
            import pi_heif  # noqa: PLC0415 - few documents need it

            pi_heif.register_heif_opener()
        picture: Image.Image = Image.open(BytesIO(body), formats=[name])
        if picture.width * picture.height > (_JPEG_POINTS if name == "JPEG" else POINTS):
            raise NoPicture("too_large")
        picture.draft(mode, (_SIDE, _SIDE))
        turned = ImageOps.exif_transpose(picture.convert(mode))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, NoPicture):
            raise
        raise NoPicture("broken_picture") from error
    turned.thumbnail((_SIDE, _SIDE))
    return turned


def rendered(page: Any, dpi: int, *, grey: bool = True) -> Image.Image:
    """Return a page of an open PDF (pypdfium2) as a picture."""
    longest = max(page.get_size())
    scale = min(dpi / 72, 2 * _SIDE / longest)
    picture: Image.Image = page.render(scale=scale, grayscale=grey, may_draw_forms=False).to_pil()
    return picture


def png(body: bytes, number: int, pages: int) -> bytes:
    """Return page `number` of a document of at most `pages`, drawn anew.

    Raises:
        NoPaper, NoPicture: it cannot be drawn, or has no such page.
    """
    if is_picture(body):
        picture = opened_picture(body, "RGB") if number == 0 else None
    else:
        with opened(body, pages) as document:
            picture = rendered(page_of(document, number), 110, grey=False) if number < len(document) else None
    if picture is None:
        raise NoPaper("pages")
    out = BytesIO()
    picture.save(out, "PNG", compress_level=3)
    return out.getvalue()
