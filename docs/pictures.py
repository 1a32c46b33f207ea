"""The pictures in docs/: what Khabar really prints and serves of corpus/. Run it as `python -m docs.pictures`.

Needs the extras `serve` and `dev`, and a chromium on this machine.
"""

from __future__ import annotations

import fcntl
import html
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).parent
ROOT = DOCS.parent
KHABAR = str(Path(sys.executable).with_name("khabar"))
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
COLUMNS = 110

QUESTION = "who leads the inquiry into the ferry fire"
QUERY = "سبب الحريق الذى اندلع فى العباره"
CLAIM = "Coast guard crews rescued all 300 passengers of the ferry Nawras 3"

PAGES = {
    "page-search": (f"/?q={QUESTION}", "en", "light", 980),
    "page-arabic": (f"/?q={QUERY}", "ar", "light", 900),
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
        subprocess.run([KHABAR, "index", "corpus", "--index", index], cwd=ROOT, env=ENVIRONMENT, check=True)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        terminal(browser, index)
        with served(index) as address:
            pages(browser, address)
        browser.close()


def terminal(browser: Browser, index: Path) -> None:
    """What `khabar search` and `khabar check` print, as a terminal shows it."""
    lines = []
    for command in (["search", QUESTION, "-k", "2"], ["check", CLAIM, "-k", "1"]):
        typed = " ".join(f'"{part}"' if " " in part else part for part in command)
        lines.append(f'<div class="typed">$ khabar {html.escape(typed)}</div>')
        for line in printed([KHABAR, *command, "--index", str(index)]).rstrip().split("\n"):
            shown = html.escape(line).replace("\x1b[1m", "<b>").replace("\x1b[22m", "</b>")
            shown = re.sub("\x1b[^A-Za-z]*[A-Za-z]", "", shown)
            lines.append(f'<div dir="ltr">{shown}</div>')
        lines.append("<div></div>")
    font = b64encode((ROOT / "search/serve/page/static/fonts/plex-arabic-400.woff2").read_bytes()).decode()
    page = browser.new_page(viewport={"width": 1000, "height": 100})
    page.set_content(TERMINAL.format(font=font, lines="".join(lines[:-1])))
    page.evaluate("document.fonts.ready")
    height = page.evaluate("document.body.scrollHeight")
    page.set_viewport_size({"width": 1000, "height": height})
    picture(page, "terminal")


def printed(command: list[str]) -> str:
    """What a command prints on a terminal of COLUMNS columns."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdin=its, stdout=its, stderr=its)
    os.close(its)
    found = b""
    with suppress(OSError):  # which Linux raises at the end
        while part := os.read(ours, 65536):
            found += part
    os.close(ours)
    process.wait()
    return found.decode().replace("\r\n", "\n")


def pages(browser: Browser, address: str) -> None:
    """The pages, and a text that is checked."""
    for name, (path, language, scheme, height) in PAGES.items():
        page = browser.new_page(locale=language, color_scheme=scheme, viewport={"width": 1200, "height": height})
        page.goto(address + path)
        page.goto(address + path)  # the first answer waits for what is loaded once
        page.evaluate("document.fonts.ready")
        picture(page, name)
    page = browser.new_page(locale="en", color_scheme="light", viewport={"width": 1200, "height": 800})
    page.goto(f"{address}/check")
    page.fill("#text", CLAIM)
    page.click("main button")
    page.evaluate("document.fonts.ready")
    picture(page, "page-check")


def picture(page: Page, name: str) -> None:
    """What a window shows, as a WebP file, which Playwright does not write by itself."""
    taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": 85})
    (DOCS / f"{name}.webp").write_bytes(b64decode(taken["data"]))
    page.close()


@contextmanager
def served(index: Path) -> Iterator[str]:
    """The address of a server over an index."""
    server = subprocess.Popen(
        [KHABAR, "serve", "--index", index, "--port", "0", "--json"],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["address"].rstrip("/")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
