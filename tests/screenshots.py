"""Pictures of the pages for the documents: `python tests/screenshots.py`.

Starts the made-up company in both languages, visits its pages in Chromium, and writes
docs/images/pages/*.png. Look at them before you commit them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "images" / "pages"
WIDTH, HEIGHT = 1200, 800
HEIGHT_MAX = 1600


def links(log: Path) -> list[str]:
    """Wait until the demonstration has printed its links."""
    for _ in range(600):
        found = re.findall(r"http://\S+/konto/link/\S+", log.read_text(encoding="utf-8"))
        if len(found) >= 3:
            return found
        time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8"))


def shoot(page: Page, name: str, language: str) -> None:
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), HEIGHT_MAX)
    page.screenshot(
        path=TARGET / f"{name}-{language}.png",
        clip={"x": 0, "y": 0, "width": WIDTH, "height": height},
        full_page=True,
    )


def signed_in(browser: Browser, link: str, language: str) -> Page:
    """Open a page as whoever a link is for."""
    locale = "de-DE" if language == "de" else "en-GB"
    page = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale=locale
    ).new_page()
    page.goto(link)
    page.locator("main button").click()
    page.wait_for_load_state()
    return page


def visit(page: Page, base: str, language: str) -> None:
    """Take the pictures of what a lead sees."""
    for name, path in {"reasons": "/ursachen/", "policy": "/regelwerk/"}.items():
        page.goto(base + path)
        shoot(page, name, language)
    page.goto(f"{base}/kunden/?sortierung=stand")
    shoot(page, "customers", language)
    page.locator("main td a, main tbody th a").first.click()
    page.locator("main figure svg").first.wait_for()
    shoot(page, "account", language)
    page.goto(f"{page.url.split('?')[0].rstrip('/')}/buchen/")
    shoot(page, "book", language)
    page.goto(f"{base}/quellen/")
    shoot(page, "sources", language)


def main() -> None:
    """Write all pictures."""
    TARGET.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language in ("de", "en"):
            log = Path(folder) / f"{language}.log"
            words = ["demo", "--out", str(Path(folder) / language), "--bind", "127.0.0.1:0"]
            command = [sys.executable, "-m", "vertrauenskonto.cli.main", *words]
            with (
                log.open("wb") as file,
                subprocess.Popen(
                    [*command, "--language", language], stdout=file, stderr=file
                ) as process,
            ):
                try:
                    lead, contact, *_ = links(log)
                    visit(signed_in(browser, lead, language), lead.split("/konto/")[0], language)
                    shoot(signed_in(browser, contact, language), "today", language)
                finally:
                    process.terminate()
        browser.close()


if __name__ == "__main__":
    main()
