"""Pages of HTML to PDFs, by Chromium and by LibreOffice."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from playwright.sync_api import Browser

from tests import needs


def by_chromium(browser: Browser, pages: Iterable[str]) -> list[bytes]:
    """Each page as Chromium saves it as PDF."""
    page = browser.new_page()
    printed = []
    for html in pages:
        page.set_content(html)
        printed.append(page.pdf(format="Letter", print_background=True))
    page.close()
    return printed


def by_libreoffice(pages: Sequence[str]) -> list[bytes]:
    """Each page as LibreOffice exports it. Without LibreOffice the test is skipped."""
    office = needs.tool("soffice", "libreoffice-writer-nogui")
    with tempfile.TemporaryDirectory() as folder:
        sources = [Path(folder, f"{number:04d}.html") for number in range(len(pages))]
        for source, html in zip(sources, pages, strict=True):
            source.write_text(html, encoding="utf-8")
        order = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf:writer_web_pdf_Export"]
        subprocess.run([*order, "--outdir", folder, *map(str, sources)], check=True, capture_output=True, timeout=600)  # noqa: S603
        return [source.with_suffix(".pdf").read_bytes() for source in sources]


def screenshots(browser: Browser, pages: Iterable[str]) -> list[bytes]:
    """Each page as a phone shows it, as PNG."""
    page = browser.new_page(viewport={"width": 412, "height": 915}, device_scale_factor=2.6)
    shots = []
    for html in pages:
        page.set_content(html)
        shots.append(page.screenshot())
    page.close()
    return shots
