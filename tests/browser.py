"""The office in a real Chromium, watched: what the browser complains of is a failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests import needs

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--lang=es-MX",
)  # fmt: skip


@contextmanager
def launched() -> Iterator[Browser]:
    """A Chromium of this machine. Without one the test is skipped; on a machine that checks (CI) it fails."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        needs.lacking("chromium", "install the package chromium, or name one in CHROMIUM")
    # Playwright keeps a loop in this thread; Django would take it for one of its own.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        # How long a page takes says something of the machine: it is waited for, and what it says is what counts.
        expect.set_options(timeout=20_000)
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page of the office and everything the browser complained about on it."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page


def _complaint(message: ConsoleMessage) -> list[str]:
    """What the browser only remarks on (Django's own admin asks for the focus twice) is no complaint."""
    return [message.text] if message.type in {"warning", "error"} else []


def _failure(request: Request) -> list[str]:
    """A search overtaken by the next letter typed is given up by the page itself: that is no failure."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"{request.url}: {request.failure}"]


#: Asked for what is wrong only: what axe found in order, it says at length, and to hand that over took as long as to look.
_LOOK = """() => axe.run({resultTypes: ["violations"]}).then(
    found => found.violations.map(({id, nodes}) => [id, nodes.map(node => node.html)]))"""


def whole(page: Page) -> None:
    """Nothing wrong for those who cannot see, and nothing wider than the screen."""
    page.evaluate(Axe().axe_script)
    assert page.evaluate(_LOOK) == [], page.url
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= screen, page.url


@contextmanager
def opening(chromium: Browser, address: str) -> Iterator[Callable[..., Watched]]:
    """Opens pages of `address` for a user (None: not logged in), at a size. What the browser complains of fails the test."""
    contexts: list[BrowserContext] = []
    pages: list[Watched] = []

    def open_(user: Any = None, *, size: dict[str, int] = DESK, scripts: bool = True) -> Watched:
        context = chromium.new_context(viewport=size, locale="es-MX", java_script_enabled=scripts)  # type: ignore[arg-type]  # a literal
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
        watched = Watched(context.new_page(), address)
        watched.page.on("console", lambda message: watched.complaints.extend(_complaint(message)))
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.on("requestfailed", lambda request: watched.complaints.extend(_failure(request)))
        pages.append(watched)
        return watched

    yield open_
    complaints = [complaint for watched in pages for complaint in watched.complaints]
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)
