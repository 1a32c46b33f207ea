"""The pictures in docs/: what Khabar really prints and serves of corpus/. Run it as `python -m docs.pictures`.

Needs the extras `serve` and `dev`, and a chromium on this machine.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).parent
ROOT = DOCS.parent
KHABAR = [sys.executable, "-m", "cli"]

QUERY = "سبب الحريق الذى اندلع فى العباره"
CLAIM = "Coast guard crews rescued all 300 passengers of the ferry Nawras 3"

PAGES = {
    "page-search": ("/?q=who+leads+the+inquiry+into+the+ferry+fire", "en", "light", 980),
    "page-arabic": (f"/?q={QUERY.replace(' ', '+')}", "ar", "light", 900),
    "page-both": ("/?q=ferry+fire&both=1", "en", "dark", 900),
    "page-article": ("/article?id=ferry-ar-1&q=ferry+fire", "en", "light", 900),
    "page-story": ("/story?of=vaccine-ar-1", "en", "light", 700),
    "page-compare": ("/compare?a=hold-en-1&b=hold-en-2", "en", "light", 900),
    "page-archive": ("/archive", "ar", "dark", 700),
}
"""Name of the picture -> address, language of the interface, light or dark, height in pixels."""

TERMINAL = """<!doctype html><meta charset=utf-8><style>
@font-face {{ font-family: Plex; src: url("data:font/woff2;base64,{font}") }}
body {{ margin: 0; padding: 20px 24px; background: #16181b; color: #dcd9d2; font: 14px/1.75 monospace, Plex }}
div {{ white-space: pre-wrap; min-height: 1.75em }} b {{ color: #fff }} .typed {{ color: #8fd0df }}
</style><body>{lines}"""


def main() -> None:
    """Make all pictures."""
    chromium = shutil.which("chromium") or sys.exit("There is no chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        index = Path(folder) / "index"
        subprocess.run([*KHABAR, "index", "corpus", "--index", index], cwd=ROOT, check=True)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        terminal(browser, index)
        with served(index) as address:
            pages(browser, address)
        browser.close()


def terminal(browser: Browser, index: Path) -> None:
    """What `khabar search` and `khabar check` print, as a terminal shows it."""
    import base64

    commands = (
        ["search", "who leads the inquiry into the ferry fire", "-k", "2"],
        ["search", QUERY, "-k", "2"],
        ["check", CLAIM, "-k", "1"],
    )
    lines = []
    for command in commands:
        typed = " ".join(f'"{part}"' if " " in part else part for part in command)
        lines.append(f'<div class="typed">$ khabar {html.escape(typed)}</div>')
        code = (
            "import sys; sys.stdout.isatty = lambda: True; sys.argv = ['khabar', *sys.argv[1:]]; import cli; cli.main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, *command, "--index", index],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for line in done.stdout.rstrip().split("\n"):
            shown = html.escape(line).replace("\x1b[1m", "<b>").replace("\x1b[22m", "</b>")
            lines.append(f'<div dir="ltr">{re.sub(chr(27) + r"[^A-Za-z]*[A-Za-z]", "", shown)}</div>')
        lines.append("<div></div>")
    font = base64.b64encode((ROOT / "search/serve/page/static/fonts/plex-arabic-400.woff2").read_bytes()).decode()
    page = browser.new_page(viewport={"width": 1000, "height": 100}, device_scale_factor=1)
    page.set_content(TERMINAL.format(font=font, lines="".join(lines[:-1])))
    page.evaluate("document.fonts.ready")
    page.screenshot(path=DOCS / "search.png", full_page=True)
    page.close()


def pages(browser: Browser, address: str) -> None:
    """The pages, and a text that is checked."""
    for name, (path, language, scheme, height) in PAGES.items():
        page = browser.new_page(locale=language, color_scheme=scheme, viewport={"width": 1200, "height": height})
        page.goto(address + path)
        page.goto(address + path)  # the first answer waits for what is loaded once
        page.evaluate("document.fonts.ready")
        page.screenshot(path=DOCS / f"{name}.png")
        page.close()
    page = browser.new_page(locale="en", color_scheme="light", viewport={"width": 1200, "height": 800})
    page.goto(f"{address}/check")
    page.fill("#text", CLAIM)
    page.click("main button")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=DOCS / "page-check.png")


@contextmanager
def served(index: Path) -> Iterator[str]:
    """The address of a server over an index."""
    server = subprocess.Popen(
        [*KHABAR, "serve", "--index", index, "--port", "0", "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["address"].rstrip("/")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
