"""What a scanner and a phone make of a PDF."""

from __future__ import annotations

import io
import random

import pypdfium2
from PIL import Image, ImageDraw, ImageFilter


def page_picture(body: bytes, number: int = -1, dpi: int = 150) -> Image.Image:
    """A page of a PDF (the last) in grey."""
    with pypdfium2.PdfDocument(body) as document:
        picture: Image.Image = document[number % len(document)].render(scale=dpi / 72, grayscale=True).to_pil()
        return picture


def jpeg(picture: Image.Image, quality: int = 40) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def scanned(body: bytes, seed: int, *, turned: float = 2.0, quality: int = 40, number: int = -1) -> bytes:
    """A page as a scanner gives it: somewhat turned, creased, grey and noisy."""
    rng = random.Random(seed)
    picture = page_picture(body, number).rotate(turned * rng.choice((-1, 1)), expand=True, fillcolor=245)
    draw = ImageDraw.Draw(picture)
    for _ in range(2):
        at = rng.randrange(picture.height)
        draw.line((0, at, picture.width, at + rng.randrange(-30, 30)), fill=200, width=1)
    noise = Image.effect_noise(picture.size, 40)
    return jpeg(Image.blend(picture, noise, 0.12).filter(ImageFilter.GaussianBlur(0.5)), quality)


def photographed(body: bytes, seed: int, *, number: int = -1) -> bytes:
    """A page as a phone sees it on a table: in perspective, darker on one side, somewhat out of focus."""
    rng = random.Random(seed)
    picture = page_picture(body, number, dpi=190)
    wide, high = picture.size
    lean = rng.uniform(0.03, 0.08)
    seen = picture.transform(
        (wide, high), Image.Transform.QUAD,
        (-wide * lean, -high * 0.04, -wide * 0.02, high * 1.05, wide * 1.03, high * 1.02, wide * (1 + lean), -high * 0.03),
        resample=Image.Resampling.BILINEAR, fillcolor=90,
    )  # fmt: skip
    shade = Image.linear_gradient("L").rotate(90).resize(seen.size)
    dark = Image.blend(seen, Image.composite(seen, Image.new("L", seen.size, 60), shade), 0.35)
    return jpeg(dark.rotate(rng.uniform(-7, 7), expand=True, fillcolor=80).filter(ImageFilter.GaussianBlur(0.8)), 70)


def as_pdf(*pictures: bytes) -> bytes:
    """Pictures as the pages of a PDF, as scanners save them."""
    first, *rest = (Image.open(io.BytesIO(picture)) for picture in pictures)
    out = io.BytesIO()
    first.save(out, "PDF", resolution=150, save_all=True, append_images=rest)
    return out.getvalue()
