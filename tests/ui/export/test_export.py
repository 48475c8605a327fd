"""Pictures and films through the dialog and the command, opened by programs that are not ours."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressDialog, QPushButton

from gradviz.lessons.reading import read_lesson
from gradviz.lessons.shelf import FOLDER
from tests.ui.conftest import keep
from ui.export.dialog import ExportDialog
from ui.export.handout import write_handout
from ui.export.kinds import KINDS
from ui.style.theme import LIGHT
from ui.window.main_window import MainWindow

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "tests" / "data" / "gradient_computation.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with nothing in it."""
    made = tmp_path / "exported"
    made.mkdir()
    return made


@pytest.fixture
def dialog(window: MainWindow) -> ExportDialog:
    session = window.bridge.session
    assert session is not None
    window.bridge.seek(28)
    window.actions_["export"].trigger()
    (found,) = window.findChildren(ExportDialog)
    return found


def choose(dialog: ExportDialog, ending: str) -> None:
    dialog.kind.setCurrentIndex(dialog.kind.findData(ending))


def test_a_picture_has_the_scale_that_was_asked_for(dialog: ExportDialog, folder: Path) -> None:
    choose(dialog, ".png")
    dialog.scale.setValue(1.0)
    assert dialog.export_to(folder / "one.png")
    dialog.scale.setValue(2.0)
    dialog.transparent.setChecked(True)
    assert dialog.export_to(folder / "two.png")
    one, two = QImage(str(folder / "one.png")), QImage(str(folder / "two.png"))
    assert two.width() == pytest.approx(2 * one.width(), abs=2)
    assert two.pixelColor(1, 1).alpha() == 0
    assert one.pixelColor(1, 1).alpha() == 255


def test_the_dialog_shows_what_the_kind_has(dialog: ExportDialog, window: MainWindow) -> None:
    choose(dialog, ".gif")
    assert dialog.first.isVisible() and dialog.size_.isVisible() and not dialog.scale.isVisible()
    choose(dialog, ".csv")
    assert dialog.leaf.isVisible() and not dialog.first.isVisible()
    keep(window, "export-dark")
    dialog.reject()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.ending not in (".gif", ".mp4")], ids=lambda kind: kind.ending)
def test_every_kind_is_written(dialog: ExportDialog, folder: Path, kind: object) -> None:
    ending = kind.ending  # type: ignore[attr-defined]
    choose(dialog, ending)
    path = folder / f"graph{ending}"
    session = dialog._session
    if ending == ".tex":
        while not session.derivation():
            session.seek(session.position + 1)
    assert dialog.export_to(path), dialog.problem.text()
    assert path.stat().st_size > 100
    assert [file.name for file in folder.iterdir()] == [path.name]
    if ending == ".pdf" and shutil.which("pdftoppm"):
        subprocess.run(["pdftoppm", "-r", "40", "-png", str(path), str(folder / "page")], check=True, timeout=60)
        (page,) = folder.glob("page*.png")
        image = QImage(str(page))
        assert len({image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}) > 5
    if ending == ".svg":
        assert "DejaVu Sans,sans-serif" in path.read_text(encoding="utf-8"), "a machine without our fonts takes a plain one"
        texts = [node.text for node in ElementTree.parse(path).iter() if node.tag.endswith("text")]
        assert any(text and "MulBackward0" in text for text in texts)


@pytest.mark.parametrize("ending", [".gif", ".GIF", ".mp4"])
def test_a_span_becomes_a_film_that_others_play(dialog: ExportDialog, folder: Path, ending: str) -> None:
    image = pytest.importorskip("PIL.Image")
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    choose(dialog, ending.lower())
    dialog.first.setValue(24)
    dialog.last.setValue(29)
    dialog.size_.setCurrentIndex(2)
    path = folder / f"film{ending}"
    assert dialog.export_to(path), dialog.problem.text()
    if ending.lower() == ".gif":
        with image.open(path) as film:
            assert film.format == "GIF" and film.n_frames > 8
            assert film.size == (640, 360)
    else:
        seen = subprocess.run([ffmpeg.get_ffmpeg_exe(), "-i", str(path)], capture_output=True, text=True, check=False, timeout=60).stderr
        assert re.search(r"Video: h264.*640x360", seen)


def test_a_film_is_cancelled_and_leaves_nothing(dialog: ExportDialog, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PIL.Image")
    choose(dialog, ".gif")
    dialog.size_.setCurrentIndex(2)
    monkeypatch.setattr(QProgressDialog, "wasCanceled", lambda _bar: True)
    where = dialog._session.position
    assert not dialog.export_to(folder / "film.gif")
    assert "Cancelled" in dialog.problem.text()
    assert list(folder.iterdir()) == []
    assert dialog._session.position == where


@pytest.mark.parametrize("way", ["button", "escape"])
def test_the_bar_of_a_film_is_cancelled_by_hand(dialog: ExportDialog, folder: Path, way: str) -> None:
    pytest.importorskip("PIL.Image")
    choose(dialog, ".gif")
    dialog.first.setValue(1)
    dialog.last.setValue(dialog.last.maximum())
    seen: list[int] = []

    def cancel() -> None:
        bar = next((bar for bar in dialog.findChildren(QProgressDialog) if bar.isVisible()), None)
        if bar is None:
            QTimer.singleShot(5, cancel)
            return
        seen.append(bar.maximum())
        button = bar.findChild(QPushButton)
        if way == "button" and button is not None:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        else:
            QTest.keyClick(bar, Qt.Key.Key_Escape)

    QTimer.singleShot(5, cancel)
    assert not dialog.export_to(folder / "film.gif")
    assert seen and seen[0] > 100
    assert "Cancelled" in dialog.problem.text() and list(folder.iterdir()) == []


def test_what_cannot_be_written_is_said_and_the_old_file_stays(dialog: ExportDialog, folder: Path) -> None:
    choose(dialog, ".dot")
    assert not dialog.export_to(folder / "nowhere" / "graph.dot")
    assert "was not written" in dialog.problem.text()
    choose(dialog, ".png")
    assert not dialog.export_to(Path("/proc/graph.png"))
    assert "was not written" in dialog.problem.text()


def test_a_moment_without_a_derivation_says_what_to_do(dialog: ExportDialog, folder: Path) -> None:
    dialog._session.seek(1)
    choose(dialog, ".tex")
    assert not dialog.export_to(folder / "x.tex")
    assert "step to a backward node" in dialog.problem.text()


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", "export", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_command_writes_what_the_ending_says(folder: Path) -> None:
    done = command(str(SCRIPT), "--to", str(folder / "weights.csv"), "--leaf", "weights")
    assert done.returncode == 0, done.stderr
    assert "weights[0]" in (folder / "weights.csv").read_text()
    wrong = command(str(SCRIPT), "--to", str(folder / "x.bmp"))
    assert wrong.returncode == 2
    assert "its ending says what is wanted" in wrong.stderr


def test_a_lesson_becomes_a_hand_out_with_its_pictures(folder: Path) -> None:
    path = folder / "hand-out.pdf"
    done = command(str(FOLDER / "03_backward.toml"), "--to", str(path))
    assert done.returncode == 0, done.stderr
    if not shutil.which("pdftotext"):
        pytest.skip("no program that reads PDF is at hand")
    words = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "backward on a scalar" in words and "Answers" in words
    listed = subprocess.run(["pdfimages", "-list", str(path)], capture_output=True, text=True, check=True, timeout=60).stdout
    assert len(listed.splitlines()) >= 5


def test_the_pages_of_a_hand_out_break_between_steps(folder: Path) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("no program that reads PDF is at hand")
    path = folder / "hand-out.pdf"
    write_handout(read_lesson(FOLDER / "22_learning_rate.toml"), path, LIGHT)
    words = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True, timeout=60).stdout
    pages = [page.strip() for page in words.split("\f") if page.strip()]
    assert pages[-1].startswith("Answers"), "who prints it can keep them back"
    assert not any("Answers" in page for page in pages[:-1])
    script = next(page for page in pages if "The script" in page)
    assert "torch.manual_seed" in script and "print(f" in script, "in one piece"
    tried = next(page for page in pages if "Try:" in page)
    assert "reaches the minimum in" in tried and "goes from 0.02 to 1.1" in tried and "Watch:" in tried
    first = next(page for page in pages if "Which one diverges" in page)
    assert "☐ slow" in " ".join(first.split())


def test_a_hand_out_runs_no_script_that_was_not_allowed(window: MainWindow, tmp_path: Path) -> None:
    for name in ("01_tracking.toml", "01_tracking.py"):
        shutil.copy(FOLDER / name, tmp_path)
    assert window.lessons.open(str(tmp_path / "01_tracking.toml"))
    assert window.lessons.walk is None
    window.files.hand_out()
    assert not window.bridge.running
    assert "run its script first" in window.message.text
