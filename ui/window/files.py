"""Files that the window asks for: opened, saved, exported, dropped; and what is not saved yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt

from .dialogs import CANCEL, SAVE, about_changes, file_to_open, file_to_write

if TYPE_CHECKING:
    from ..editor.room import EditorRoom
    from ..lessons.room import LessonRoom
    from .panels import PanelledWindow

KINDS = "Scripts, recordings, graphs and lessons (*.py *.gvrec *.gradviz *.toml);;All files (*)"
BESIDE_SCRIPT = (".gradviz", ".toml")  # files that open beside the script, or ask for it themselves


class Files:
    """The File menu of a window, but for what it runs."""

    def __init__(self, window: PanelledWindow, editor: EditorRoom, lessons: Callable[[], LessonRoom]) -> None:
        self._window, self._editor, self._lessons = window, editor, lessons
        self._work = window.workbench
        self._bridge = window.bridge

    def choose(self) -> None:
        """Ask for a file and open it."""
        folder = str(Path(self._bridge.path).parent) if self._bridge.path and not self._work.is_lesson else ""
        path = file_to_open(self._window, "Open", folder, KINDS)
        if path:
            self._open(path)

    def open_recent(self, number: int) -> None:
        """Open the file that was opened last (1), the one before it (2), and so on."""
        known = self._window.settings.recent()
        if number <= len(known):
            self._open(known[number - 1])
        else:
            self._window.tell("info", f"There is no recent file {number} yet.")

    def drop(self, mime: QMimeData) -> bool:
        """Open the first file that was dropped; False where there is none, or the script stays."""
        paths = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        return bool(paths) and self._open(paths[0])

    def _open(self, path: str) -> bool:
        """Open a file, unless unsaved text would be lost by it and is kept."""
        if not (path.endswith(BESIDE_SCRIPT) or self.may_leave_script()):
            return False
        self._work.open(path)
        return True

    def save(self) -> None:
        """The graph in the editor, else the script, to its file; what has none asks for one."""
        if self._editor.active:
            self._editor.save()
            return
        path = self._bridge.path
        if not path or self._work.is_lesson or path.endswith(".gvrec"):
            path = file_to_write(self._window, "Save script", "", "Python (*.py)")
        if path and self._work.save_script(path):
            self._window.source.saved()
            self._window.refresh_title()

    def save_recording(self) -> None:
        """Ask for a file and write the recording."""
        path = file_to_write(self._window, "Save recording", "", "Recordings (*.gvrec)")
        if path:
            self._work.begin_saving(path if path.endswith(".gvrec") else path + ".gvrec")

    def export(self) -> None:
        """Ask what to export, and where to."""
        session = self._bridge.session
        if session is None:
            return
        from ..export.dialog import ExportDialog

        self._window.stop_playing()
        dialog = ExportDialog(self._window, session)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def hand_out(self) -> None:
        """Ask for a file and write the lesson as PDF."""
        tell = self._window.tell
        room = self._lessons()
        lesson, walk = room.lesson, room.walk
        if lesson is None:
            return
        if walk is None:  # nothing runs a script that was not allowed to
            tell("info", "The hand-out has pictures of the lesson's run: run its script first.")
            return
        path = file_to_write(self._window, "Hand-out", f"{lesson.id}.pdf", "PDF (*.pdf)")
        if not path:
            return
        from gradviz.lessons.problem import LessonProblem

        from ..export.handout import write_handout

        try:
            write_handout(lesson, Path(path), self._bridge.theme, walk.reader.session.recording)
            tell("good", f"Wrote {Path(path).name}")
        except LessonProblem as problem:
            tell("error", f"{lesson.path.name}: {problem}")
        except OSError as problem:
            tell("error", f"{Path(path).name} was not written: {problem.strerror or problem}")

    def may_leave(self) -> bool:
        """Whether everything that is not saved may go: asks where there is something."""
        return self.may_leave_script() and self._editor.may_leave()

    def may_leave_script(self) -> bool:
        """Whether unsaved text may go: asks where there is some."""
        if not self._window.source_modified:
            return True
        answer = about_changes(self._window, "The script has changes that are not saved.")
        if answer == SAVE:
            self._editor.show_recording()
            self.save()
            return not self._window.source_modified
        return answer != CANCEL
