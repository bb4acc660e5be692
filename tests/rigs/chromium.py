"""A real browser without a screen, and without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.rigs.rig import missing

NAME = "chromium"
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How somebody looks at a page."""

    width: int
    height: int
    scheme: str

    @property
    def is_phone(self) -> bool:
        return self.width < 500


@dataclass(slots=True)
class Shown:
    """A page that is shown, and what the browser said meanwhile."""

    page: Page
    said: list[str] = field(default_factory=list)
    """Messages on the console, and errors of scripts."""
    asked: list[str] = field(default_factory=list)
    """Addresses that were asked for."""


@contextmanager
def started() -> Iterator[Browser]:
    """Start Chromium, as Debian has it."""
    program = shutil.which("chromium")
    if program is None:
        missing(NAME, "there is no chromium on the PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, file: Path, look: Look, *, scripts: bool = True) -> Iterator[Shown]:
    """Open a file with the network off."""
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.scheme == "dark" else "light",
        device_scale_factor=2 if look.is_phone else 1,
        is_mobile=look.is_phone,
        has_touch=look.is_phone,
        java_script_enabled=scripts,
        offline=True,
    )
    page = context.new_page()
    shown = Shown(page)
    page.on("console", lambda message: shown.said.append(message.text))
    page.on("pageerror", lambda error: shown.said.append(str(error)))
    page.on("request", lambda request: shown.asked.append(request.url))
    page.goto(file.as_uri())
    if scripts:
        page.wait_for_function("document.documentElement.dataset.drawn === 'yes'")
    yield shown
    context.close()
