"""Opens a page in a Chromium without a screen, clicks its buttons, and prints what it then shows.

    python browser.py PAGE.html WIDTH,HEIGHT BUTTON BUTTON ...

A program of its own. It takes an installed Chromium, else the one in QtWebEngine; neither is a dependency of gradviz, and where there
is none this exits with 3.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
os.environ.setdefault("QTWEBENGINE_CHROMIUM_FLAGS", "--no-sandbox --disable-gpu")
ASK = """
(() => { const said = []; for (const id of %s) { document.getElementById(id).click();
  said.push([document.getElementById("count").textContent, document.getElementById("caption").textContent,
    document.querySelectorAll(".card:not(.ghost)").length, (document.querySelector("#source .now") || {dataset: {}}).dataset.n || "",
    [...document.querySelectorAll(".card.now")].map((card) => card.querySelector(".body").getBoundingClientRect()).map(
      (box) => [box.left, box.top, box.width, box.height]),
    ((box) => [box.left, box.top, box.width, box.height])(document.getElementById("canvas").getBoundingClientRect())]); }
  return JSON.stringify(said); })()
"""
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--virtual-time-budget=20000", "--dump-dom",
)  # fmt: skip


def main() -> int:
    """Load, click, print."""
    page, ask = os.path.abspath(sys.argv[1]), ASK % json.dumps(sys.argv[3:])
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return in_qt(page, ask) if browser is None else in_chromium(browser, page, sys.argv[2], ask)


def in_chromium(browser: str, page: str, size: str, ask: str) -> int:
    """The page once more with a script behind it, whose answer stands in the page that the browser prints."""
    with tempfile.TemporaryDirectory() as folder:
        asking = Path(folder) / "page.html"
        write = f"<script>addEventListener('load', () => {{ document.body.dataset.told = {ask.strip()}; }});</script>"
        asking.write_text(Path(page).read_text(encoding="utf-8") + write, encoding="utf-8")
        command = [browser, *FLAGS, f"--user-data-dir={folder}/profile", f"--window-size={size}", asking.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            return 3  # it does not come up on this machine
    told = re.search(r'data-told="([^"]*)"', done.stdout)
    if told is None:
        print(done.stderr[-2000:], file=sys.stderr)
        return 1
    print(html.unescape(told[1]), flush=True)
    return 0


def in_qt(page: str, ask: str) -> int:
    """In QtWebEngine."""
    try:
        from PySide6.QtCore import QTimer, QUrl
        from PySide6.QtWebEngineWidgets import QWebEngineView
        from PySide6.QtWidgets import QApplication
    except ImportError:
        return 3
    app = QApplication([])
    view = QWebEngineView()
    view.resize(1280, 800)
    view.show()

    def answer(told: object) -> None:
        print(told, flush=True)
        app.quit()

    view.loadFinished.connect(lambda _: view.page().runJavaScript(ask, 0, answer))
    view.load(QUrl.fromLocalFile(page))
    QTimer.singleShot(40_000, app.quit)
    app.exec()
    return 0


if __name__ == "__main__":
    sys.exit(main())
