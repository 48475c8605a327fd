"""Opens a page in Chromium (QtWebEngine, without a screen), clicks its buttons, and prints what it then shows.

    python browser.py PAGE.html BUTTON BUTTON ...

A program of its own: QtWebEngine is no dependency of gradviz, and where it is not installed this exits with 3.
"""

from __future__ import annotations

import json
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
os.environ.setdefault("QTWEBENGINE_CHROMIUM_FLAGS", "--no-sandbox --disable-gpu")
ASK = """
(() => { const said = []; for (const id of %s) { document.getElementById(id).click();
  said.push([document.getElementById("count").textContent, document.getElementById("caption").textContent,
    document.querySelectorAll(".card:not(.ghost)").length, (document.querySelector("#source .now") || {dataset: {}}).dataset.n || ""]); }
  return JSON.stringify(said); })()
"""


def main() -> int:
    """Load, click, print."""
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

    view.loadFinished.connect(lambda _: view.page().runJavaScript(ASK % json.dumps(sys.argv[2:]), 0, answer))
    view.load(QUrl.fromLocalFile(os.path.abspath(sys.argv[1])))
    QTimer.singleShot(40_000, app.quit)
    app.exec()
    return 0


if __name__ == "__main__":
    sys.exit(main())
