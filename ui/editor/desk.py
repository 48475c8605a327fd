"""The document on the screen: what is known of it, its history, its file. The one place where an edit becomes a Qt signal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from gradviz.document.file.journal import Journal
from gradviz.document.file.keeping import load, save
from gradviz.document.model import Document, WireKey, same_computation
from gradviz.document.palette.following import following
from gradviz.document.palette.sizing import sized
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.evaluate import Evaluation, evaluate
from gradviz.document.run.inference import Inferred
from gradviz.document.run.survey import Survey
from gradviz.document.script.code import Code, to_code

from .history import History

IDLE = Evaluation()  # what is computed while live mode is off
GONE_MS = 400  # a file that is gone for so long was deleted
REST_MS = 120  # after the last edit, what is slow (code, tables) follows


class Desk(QObject):
    """Holds a document; edits go through `do`, so that each has a name and can be taken back."""

    changed = Signal()  # the document, what is inferred, and (live) what was computed
    rested = Signal()  # a moment after the last change
    selection_changed = Signal()
    opened = Signal()  # another document, with a history that begins there
    file_changed = Signal()  # path, or whether something is unsaved
    changed_on_disk = Signal()  # another program wrote the file
    note = Signal(str, str)  # kind ("info", "error", "good"; "refused" and "passing": until the next edit), text

    def __init__(self, state: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.document = Document()
        self.survey = Survey()
        self.ran = IDLE
        self.quiet: frozenset[str] = frozenset()  # the blocks inside no_grad frames
        self._followed = ""  # what is to be said of the edit that is being made
        self.selected: tuple[str, ...] = ()
        self.path = ""
        self.live = True
        self.history = History(self.show, self)
        self.history.clean_changed.connect(self.file_changed)
        self._journal: Journal | None = None
        self._unkept = False  # the last edit is in no journal
        self._gesture = 0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.rested)
        self._gone = QTimer(self)
        self._gone.setSingleShot(True)
        self._gone.setInterval(GONE_MS)
        self._gone.timeout.connect(self._look_again)
        self._from_recovery = False
        self._on_disk: bytes | None = None  # what the file held when it was last looked at
        self._ours: bytes | None = None  # what it held when it was last read or written here: what is saved may take the place of that
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._file_touched)
        self._computed: Document | None = None  # the document that `known` and `ran` are of

    @property
    def known(self) -> dict[str, Inferred]:
        """What each block gives, as far as it is known without running it."""
        return self.survey.known

    @property
    def broadcasts(self) -> dict[WireKey, str]:
        """The words for the wires whose tensor is stretched."""
        return self.survey.broadcasts

    # -- edits ---------------------------------------------------------------------------------------------

    def do(self, label: str, document: Document, merge: str = "") -> None:
        """Make an edit. Edits with one `merge` key after another are one in the history."""
        words, self._followed = self._followed, ""
        if document is not self.document:
            document = sized(document, self.ran.problems)
            self.history.push(label, self.document, document, merge)
            if words:
                self.note.emit("passing", words)

    def attempt(self, label: str, edit: Callable[[], Document], merge: str = "") -> bool:
        """Make an edit that may refuse; says why, and gives False, where it does."""
        try:
            made = edit()
        except DocumentProblem as problem:
            self.note.emit("refused", str(problem))
            return False
        self.do(label, made, merge)
        return True

    def follow(self, document: Document, block_id: str) -> Document:
        """An edit of a tensor's value, with the tensors whose numbers were only drawn in shapes that fit it; `do` says so."""
        self._followed = ""
        made = following(self.document, document, block_id)
        others = [(b.name, b.value.shape) for i, b in made.blocks.items() if b is not document.blocks[i] and b.value is not None]
        if others:
            words = ", ".join(f"{name} is ({', '.join(map(str, shape))}{',' * (len(shape) == 1)}) now" for name, shape in others)
            self._followed = f"{words}, so that it fits {made.blocks[block_id].name}: its numbers were only drawn. Undo takes all back."
        return made

    def gesture_key(self, what: str) -> str:
        """A merge key of its own for one drag."""
        self._gesture += 1
        return f"{what} {self._gesture}"

    def show(self, document: Document, label: str = "") -> None:
        """Put another state of the document on the screen (the history calls it)."""
        if self._journal is None:
            self._open_journal(self.document)
        before, self.document = self.document, document
        if self._journal is not None:
            try:
                self._journal.write(document, label)
                self._unkept = False
            except OSError as problem:
                self._warn_unkept(problem)
        if self._computed is before and same_computation(before, document):
            self._computed = document
            self._tell()
        else:
            self._refresh()

    def _refresh(self) -> None:
        document = self._computed = self.document
        self.ran = evaluate(document) if self.live else IDLE
        self.survey.follow(document, self.ran.specs)
        self.quiet = frozenset(m for f in document.frames.values() if f.kind == "no_grad" for m in f.members)
        self._tell()

    def _tell(self) -> None:
        document = self.document
        kept = tuple(i for i in self.selected if i in document.blocks)
        if kept != self.selected:
            self.selected = kept
            self.selection_changed.emit()
        self.changed.emit()
        self._rest.start()

    def rest(self) -> None:
        """Let what follows later follow now."""
        if self._rest.isActive():
            self._rest.stop()
            self.rested.emit()

    def set_live(self, on: bool) -> None:
        """Run forward and backward at every change, or not."""
        self.live = on
        self._refresh()

    def select(self, ids: Iterable[str]) -> None:
        """Select blocks."""
        chosen = tuple(dict.fromkeys(i for i in ids if i in self.document.blocks))
        if chosen != self.selected:
            self.selected = chosen
            self.selection_changed.emit()

    def code(self, *, train: bool = False) -> Code:
        """The document as a program."""
        ran = self.ran if self.live else evaluate(self.document)
        return to_code(self.document, ran.loss, train=train)

    def problem_of(self, block_id: str) -> str:
        """What is wrong with a block, "" where nothing is."""
        known = self.known.get(block_id)
        if known is None:
            return "it is part of a circle"
        if known.problem:
            return known.problem
        text = self.ran.problems.get(block_id, "")
        return "" if known.waiting and text.startswith("nothing at") else text

    def told_of(self, block_id: str) -> str:
        """What a block has otherwise than the script that it was made of, "" where nothing, or where it was changed since."""
        block = self.document.blocks.get(block_id)
        return block.told if block is not None else ""

    def words_at(self, block_id: str) -> str:
        """What there is to say at a block: what is wrong, or what is otherwise than in the script."""
        return self.problem_of(block_id) or self.told_of(block_id)

    def troubled(self) -> list[str]:
        """The blocks with which something is wrong, in the document's order."""
        asked = self.survey.troubled | self.ran.problems.keys()
        return [b for b in self.document.blocks if b in asked and self.problem_of(b)] if asked else []

    # -- files ----------------------------------------------------------------------------------------------

    @property
    def modified(self) -> bool:
        """Whether something is not saved."""
        return not self.history.clean or self._from_recovery

    @property
    def title(self) -> str:
        """The name of the file, or what stands for it."""
        return Path(self.path).name if self.path else "untitled.gradviz"

    def new(self, document: Document | None = None, path: str = "", *, unsaved: bool = False) -> None:
        """Another document, with a history that begins here."""
        self._drop_journal()
        self._from_recovery = unsaved
        self.document = document or Document()
        self.path = path
        self._forget_file()
        self.selected = ()
        self.history.clear()
        if unsaved:
            self._open_journal(self.document)
        self._refresh()
        self.selection_changed.emit()
        self.file_changed.emit()
        self.opened.emit()

    def recover(self, document: Document, path: str, opened: str) -> None:
        """Another document, of a crash; `opened` is what its file held before it."""
        self.new(document, path, unsaved=True)
        if path:
            self._watch()
            self._ours = opened.encode()

    def open(self, path: str) -> bool:
        """Open a file; what cannot be opened leaves everything as it is."""
        try:
            opened = load(path)
        except DocumentProblem as problem:
            self.note.emit("error", str(problem))
            return False
        self.new(opened.document, str(Path(path).resolve()))
        self._watch()
        if opened.left_out:
            few = "; ".join(opened.left_out[:3])
            more = f"; and {len(opened.left_out) - 3} more" if len(opened.left_out) > 3 else ""
            self.note.emit("error", f"{Path(path).name} was opened, but not all of it as it stands there: {few}{more}")
        return True

    def save(self, path: str) -> bool:
        """Write the document to a file."""
        try:
            unkept = save(self.document, path, self.state / "generations")
        except DocumentProblem as problem:
            self.note.emit("error", str(problem))
            return False
        self.path = str(Path(path).resolve())
        self._from_recovery = False
        self.history.set_clean()
        self._drop_journal()
        self._watch()
        self.file_changed.emit()
        self.note.emit(*(("info", f"Saved {Path(path).name}, but {unkept}") if unkept else ("good", f"Saved {Path(path).name}")))
        return True

    def differs_on_disk(self, path: str) -> bool:
        """Whether a file is the document's own, and holds what somebody else wrote: saving would take its place."""
        if not self.path or str(Path(path).resolve()) != self.path:
            return False
        now = _bytes_of(path)
        return now is not None and now != self._ours

    def keep_mine(self) -> None:
        """What somebody else wrote into the file may be overwritten."""
        self._ours = _bytes_of(self.path)

    def _watch(self) -> None:
        """Notice when another program writes the file."""
        self._forget_file()
        self._on_disk = self._ours = _bytes_of(self.path)
        if self._on_disk is not None:
            self._watcher.addPath(self.path)

    def _forget_file(self) -> None:
        self._on_disk = self._ours = None
        if self._watcher.files():
            self._watcher.removePaths(self._watcher.files())

    def _file_touched(self, _path: str) -> None:
        if not self.path:
            return
        if self.path not in self._watcher.files() and Path(self.path).exists():
            self._watcher.addPath(self.path)  # it was replaced, and the watch went with the old one
        now = _bytes_of(self.path)
        if now is None and self._on_disk is not None:
            self._gone.start()  # a program that replaces the file may be between its two steps
        if now is not None and now != self._on_disk:
            self._on_disk = now
            self.changed_on_disk.emit()

    def _look_again(self) -> None:
        """A moment after the file was gone: is it still?"""
        if self.path and self._on_disk is not None and not Path(self.path).exists():
            self._on_disk = None
            self._from_recovery = True  # no file holds the graph now
            self.file_changed.emit()
            self.note.emit("error", f"{Path(self.path).name} was deleted or moved by another program. Saving writes it again.")
        elif self.path:
            self._file_touched(self.path)

    def close(self) -> None:
        """The window goes, and what was to be saved was: no recovery is wanted."""
        self._rest.stop()
        self._gone.stop()
        self._drop_journal()

    def _open_journal(self, document: Document) -> None:
        try:
            self._journal = Journal(self.state / "journals", self.path, document, unsaved=self._from_recovery)
        except OSError as problem:
            self._warn_unkept(problem)

    def _warn_unkept(self, problem: OSError) -> None:
        """Say once that edits are in no journal; each further one is tried again."""
        if not self._unkept:
            why = f"Edits cannot be kept for recovery in {self.state}: {problem.strerror or problem}"
            self.note.emit("error", f"{why}. Until they can, only what is saved is safe.")
        self._unkept = True

    def _drop_journal(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None


def _bytes_of(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except OSError:
        return None
