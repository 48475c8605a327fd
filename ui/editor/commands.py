"""What menus and keys do to the selected blocks."""

from __future__ import annotations

import atexit
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QApplication

from gradviz.document import edits, values, wiring
from gradviz.document.expression.expression import read_expression
from gradviz.document.file.text import read, write
from gradviz.document.model import TENSOR, Value
from gradviz.document.palette.sizing import connected, refitted
from gradviz.document.pictures import told as told_of
from gradviz.document.problem import DocumentProblem
from gradviz.document.replacing import swapped
from gradviz.document.run.inference import infer
from gradviz.document.script.code import to_code
from gradviz.document.tables import read_table
from gradviz.document.unrolling import next_step

from .asking.picker import Choice, Picker
from .asking.pictures import of_image
from .asking.quick_add import add_expression, quick_add
from .asking.replace import replace_nodes
from .asking.rescues import rescues
from .layout.arrange import free_place, with_room
from .layout.folding import closed_up, opened
from .layout.groups import NOWHERE
from .layout.layers import anew, arranged, turned
from .layout.shape import is_number
from .layout.shapes import Shapes
from .layout.units import Unit, aligned, distributed, units

if TYPE_CHECKING:
    from .view import EditorView

MIME = "application/x-gradviz-blocks"
HELPED = 6  # ports for which it is asked what would make a wire fit


def _leave_text() -> None:
    """When the program ends Qt lets go of the clipboard after Python is gone: by then only what Qt made itself may stand there."""
    if QApplication.instance() is None:
        return
    clipboard = QApplication.clipboard()
    held = clipboard.mimeData()
    if held is not None and held.hasFormat(MIME):
        clipboard.setText(clipboard.text())


atexit.register(_leave_text)


class Commands:
    """Acts on the view's selection (or its selected wire)."""

    def __init__(self, view: EditorView) -> None:
        self.view = view
        self.desk = view.desk

    def _names(self) -> str:
        chosen = self.desk.selected
        return self.desk.document.blocks[chosen[0]].name if len(chosen) == 1 else f"{len(chosen)} nodes"

    def _giver(self) -> str:
        """The selected node whose result is meant; of a closed group the last one of which something goes out."""
        chosen, shapes = self.desk.selected, self.view.shapes.blocks
        group = shapes[chosen[0]].group
        if not group or any(shapes[i].group != group for i in chosen):
            return chosen[0]
        return next(
            (i for i in reversed(edits.downstream(self.desk.document, chosen)) if i in chosen and shapes[i].output != NOWHERE), chosen[0]
        )

    def delete(self, reconnect: bool = False) -> None:
        """Delete the selected wire or blocks; with `reconnect` what read them reads their first input."""
        if self.view.chosen_wire is not None:
            self.desk.do("Delete a wire", edits.disconnect(self.desk.document, [self.view.chosen_wire]))
        elif self.desk.selected:
            label = f"Delete {self._names()}" + (" and reconnect" if reconnect else "")
            self.desk.do(label, edits.remove(self.desk.document, self.desk.selected, reconnect))

    def duplicate(self) -> None:
        """A copy beside; wires that come in from outside come to the copy too."""
        if not self.desk.selected:
            return
        try:
            made, new = edits.duplicated(self.desk.document, self.desk.selected, 36, 36)
        except DocumentProblem as problem:
            self.desk.note.emit("refused", str(problem))
            return
        self.desk.do(f"Duplicate {self._names()}", made)
        self.desk.select(new)
        self.view.show_blocks(new)

    def next_step(self) -> None:
        """The next step of a recurrence: a copy behind that reads the state where the selected nodes leave it."""
        desk = self.desk
        if not desk.selected:
            return
        try:
            made, new, results = next_step(desk.document, desk.selected)
        except DocumentProblem as problem:
            desk.note.emit("refused", str(problem))
            return
        desk.do(f"Add the step to {results}", made)
        desk.select(new)
        self.view.show_blocks(new)
        layers = [made.blocks[b].name for b in new if made.blocks[b].op.startswith("nn.")]
        if layers:
            desk.note.emit("info", f"{', '.join(layers)}: a layer has weights of its own, so this step's are others than the ones before.")

    def copy(self) -> None:
        """To the clipboard, as a document and (for other programs) as code."""
        if not self.desk.selected:
            return
        piece = edits.part(self.desk.document, self.desk.selected)
        mime = QMimeData()
        mime.setData(MIME, write(piece).encode())
        mime.setText(to_code(piece).text)
        QApplication.clipboard().setMimeData(mime)

    def cut(self) -> None:
        """Copy and delete."""
        self.copy()
        if self.desk.selected:
            self.desk.do(f"Cut {self._names()}", edits.remove(self.desk.document, self.desk.selected))

    def paste(self) -> None:
        """Blocks, or an expression, from the clipboard."""
        mime = QApplication.clipboard().mimeData()
        if mime is not None and mime.hasFormat(MIME):
            self._paste_blocks(bytes(mime.data(MIME).data()))
        elif mime is not None and mime.hasImage():
            self._paste_picture()
        elif mime is not None and mime.hasText():
            text = mime.text().strip()
            try:
                read_expression(self.desk.document, text)
            except DocumentProblem as problem:
                refused = self._paste_numbers(mime.text())
                if refused:
                    words = (
                        f"a table that is no tensor: {refused}" if "\t" in text else f"no nodes, and its text is no expression: {problem}"
                    )
                    self.desk.note.emit("refused", f"The clipboard holds {words}")
                return
            add_expression(self.view, text, self.view.new_place())

    def _paste_numbers(self, text: str) -> str:
        """Lists of numbers, or a piece of a spreadsheet (with titles, and labels in words, as a file may have them), as a new tensor; why
        not, where the text is neither."""
        text, told = text.strip("\r\n"), ""
        try:
            value = values.typed(text, Value(), edits.seeds(self.desk.document))
        except DocumentProblem as problem:
            if "\n" not in text:
                return str(problem)
            try:
                table = read_table(text)
                value = values.of_table(table, Value())
            except DocumentProblem as other:
                return str(other)
            told = table.told(self._paste_tensor(value))
        else:
            self._paste_tensor(value)
        if told:
            self.desk.note.emit("info", told)
        return ""

    def _paste_picture(self) -> None:
        """The picture of the clipboard as a tensor."""
        try:
            value = of_image(QApplication.clipboard().image())
        except DocumentProblem as problem:
            self.desk.note.emit("refused", f"The clipboard holds a picture: {problem}")
            return
        self.desk.note.emit("info", told_of(value, self._paste_tensor(value)))

    def _paste_tensor(self, value: Value) -> str:
        """A new tensor; gives its name."""
        at = self.view.to_graph(self.view.new_place())
        made, block = edits.add(self.desk.document, TENSOR, round(at.x() / 12) * 12, round(at.y() / 12) * 12, value=value)
        self.desk.do(f"Paste {made.blocks[block].name}", made)
        self.desk.select((block,))
        self.view.show_blocks((block,))
        return made.blocks[block].name

    def _paste_blocks(self, data: bytes) -> None:
        try:
            piece = read(data).document
        except (DocumentProblem, json.JSONDecodeError) as problem:
            self.desk.note.emit("error", f"The clipboard cannot be pasted: {problem}")
            return
        if not piece.blocks:
            return
        direction = self.desk.document.direction
        if piece.direction != direction:
            piece = anew(replace(piece, direction=direction), piece.blocks)
        room = Shapes(piece, known=infer(piece)).bounds
        at = free_place(self.view.shapes, self.view.to_graph(self.view.new_place()), room.size()) - room.topLeft()
        try:
            made, new = edits.paste(self.desk.document, piece, round(at.x() / 12) * 12, round(at.y() / 12) * 12)
        except DocumentProblem as problem:
            self.desk.note.emit("refused", str(problem))
            return
        self.desk.do(f"Paste {len(new)} nodes" if len(new) > 1 else f"Paste {made.blocks[new[0]].name}", made)
        self.desk.select(new)
        self.view.show_blocks(new)

    def select_all(self) -> None:
        """Every block."""
        self.desk.select(self.desk.document.blocks)

    def select_upstream(self) -> None:
        """With everything that the selected blocks are computed from."""
        self.desk.select(edits.upstream(self.desk.document, self.desk.selected))

    def select_downstream(self) -> None:
        """With everything that is computed from them."""
        self.desk.select(edits.downstream(self.desk.document, self.desk.selected))

    def select_alike(self) -> None:
        """Every block of the kinds that are selected."""
        blocks = self.desk.document.blocks
        kinds = {blocks[i].op for i in self.desk.selected}
        self.desk.select(i for i, b in blocks.items() if b.op in kinds)

    def replace(self) -> None:
        """Choose by typing which op stands in the place of the selected ones."""
        replace_nodes(self.view)

    def swap(self) -> None:
        """The first two inputs of the selected blocks the other way round."""
        made = swapped(self.desk.document, self.desk.selected)
        if made is self.desk.document:
            self.desk.note.emit("info", "That takes a node with two inputs: a difference, a quotient, a product of matrices.")
        self.desk.do(f"Swap the inputs of {self._names()}", made)

    def toggle(self, flag: str) -> None:
        """requires_grad of tensors, retain_grad or muted of the others."""
        made = edits.toggle(self.desk.document, self.desk.selected, flag)
        if made is self.desk.document:
            blocks = [self.desk.document.blocks[i] for i in self.desk.selected]
            whole = next((b for b in blocks if b.value is not None), None) if flag == "requires_grad" else None
            if whole is not None and whole.value is not None:
                words = f"{whole.name} holds {whole.value.dtype}, and only floats have gradients: set its dtype to float32 (Ctrl+Enter)."
            else:
                what = "tensors of floats" if flag == "requires_grad" else "operations"
                words = f"{flag} can be turned on {what}: select some first."
                if flag == "requires_grad" and (layer := next((b.name for b in blocks if b.op.startswith("nn.")), "")):
                    words = f"requires_grad is of tensors. no_grad (G) around {layer} freezes its weights, and all that stands before it."
            self.desk.note.emit("refused", words)
        self.desk.do(f"Turn {flag} of {self._names()}" if self.desk.selected else "", made)

    def slide(self, steps: int) -> None:
        """The selected numbers on by steps of their sliders; one edit as long as it goes on."""
        document = made = self.desk.document
        for i in self.desk.selected:
            block = document.blocks[i]
            if block.value is not None and is_number(block):
                made = edits.set_value(made, i, values.slid(block.value, steps))
        if not any(is_number(document.blocks[i]) for i in self.desk.selected):
            self.desk.note.emit("refused", "Only tensors of one number have a slider: select one.")
        elif made.blocks != document.blocks:
            self.desk.do(f"Set {self._names()}", made, f"slide {self.desk.selected}")

    def no_grad(self) -> None:
        """A no_grad frame around the selected operations, or out of it."""
        made = edits.toggle_no_grad(self.desk.document, self.desk.selected)
        if made is self.desk.document:
            self.desk.note.emit("info", "no_grad goes around operations: select some first.")
        self.desk.do("Turn no_grad", made)

    def detach(self) -> None:
        """A detach in the selected wire, or after the selected block."""
        desk = self.desk
        wire = self.view.chosen_wire
        if wire is not None:
            made, block = edits.insert_on_wire(desk.document, wire, "torch.detach")
            desk.do("Detach a wire", with_room(made, block, self.view.shapes))
            desk.select((block,))
        elif desk.selected:
            source = self._giver()
            users = [key for key in desk.document.users(source) if not desk.document.wires[key].output]
            rect = self.view.shapes.blocks[source].rect
            made, block = edits.add(desk.document, "torch.detach", rect.right() + 70, rect.top())
            made = edits.connect(made, source, block, "input")
            for target, port in users:
                made = edits.connect(made, block, target, port)
            made = with_room(edits.among(made, block), block, self.view.shapes)
            desk.do(f"Detach {desk.document.blocks[source].name}", made)
            desk.select((block,))
        else:
            desk.note.emit("info", "Select a wire or a node, then press D.")

    def comment(self) -> None:
        """A comment frame around the selected blocks, its text ready to type."""
        if not self.desk.selected:
            self.desk.note.emit("info", "A comment goes around nodes: select some first.")
            return
        made = edits.frame(self.desk.document, "comment", "Comment", self.desk.selected)
        self.desk.do("Add a comment", made)
        self.view.inline.edit_comment(list(made.frames)[-1])

    def collapse(self) -> None:
        """Open the groups that the selected nodes are drawn in, close the comment that the one selected node (or all of them) is in, or
        close the selected nodes into a group of their own."""
        document, chosen = self.desk.document, self.desk.selected
        closed = dict.fromkeys(group for i in chosen if (group := self.view.shapes.blocks[i].group))
        around = next((f for f in document.frames.values() if f.kind == "comment" and set(f.members) == set(chosen)), None)
        if around is None and len(chosen) == 1:
            around = document.frame_of(chosen[0], "comment")
        if closed:
            for frame in closed:
                document = opened(document, frame)
            self.desk.do("Open a group", document)
        elif around is not None:
            self.desk.do(f"Close {around.text}", closed_up(document, around.id))
        elif chosen:
            made = edits.frame(document, "comment", "Group", self.desk.selected)
            self.desk.do("Close into a group", closed_up(made, list(made.frames)[-1]))
        else:
            self.desk.note.emit("info", "A group is made of nodes: select some first.")

    def uncomment(self) -> None:
        """The selected blocks out of their comments."""
        self.desk.do("Remove a comment", edits.unframe(self.desk.document, self.desk.selected, "comment"))

    def rename(self) -> None:
        """Type another name."""
        if self.desk.selected:
            self.view.inline.rename(self.desk.selected[0])

    def align(self, edge: str) -> None:
        """Left or top edges of the selected cards on one line."""
        cards = self._cards(2, "two")
        if cards:
            self.desk.do(f"Align {'left' if edge == 'left' else 'top'}", aligned(self.desk.document, cards, edge))

    def distribute(self, along: str) -> None:
        """The same room between the selected cards."""
        cards = self._cards(3, "three")
        if cards:
            self.desk.do("Distribute", distributed(self.desk.document, cards, along))

    def _cards(self, least: int, words: str) -> list[Unit]:
        """The selected cards; nothing, and a word about it, where they are too few."""
        cards = units(self.view.shapes, self.desk.selected)
        if len(cards) >= least:
            return cards
        self.desk.note.emit("info", f"That takes {words} nodes or more: select them by a box around them, or by clicks with Shift.")
        return []

    def arrange(self) -> None:
        """Lay out the selected blocks, or all; the rest stays in place."""
        chosen = self.desk.selected if len(self.desk.selected) > 1 else tuple(self.desk.document.blocks)
        made = arranged(self.desk.document, frozenset(chosen), self.view.shapes)
        if made != self.desk.document:
            self.desk.do("Arrange", made)
        if len(chosen) == len(self.desk.document.blocks):
            self.view.fit()

    def turn(self) -> None:
        """From left to right, or from top to bottom: all is laid out anew."""
        made = turned(self.desk.document)
        self.desk.do(f"Arrange {'top to bottom' if made.direction == 'TB' else 'left to right'}", made)
        self.view.fit()

    def insert(self) -> None:
        """Choose by typing what goes between the selected block and all that reads it (no mouse needed)."""
        if not self.desk.selected:
            self.desk.note.emit("info", "Select the node behind which another one should go, then press I.")
            return
        source = self._giver() if self.view.shapes.blocks[self.desk.selected[-1]].group else self.desk.selected[-1]
        quick_add(self.view, self.view.new_place(), source=source, between=True)

    def fit_sizes(self) -> None:
        """Tell the selected layers (or all) the sizes of what they read, where these do not fit."""
        desk = self.desk
        made = refitted(desk.document, desk.selected or desk.document.blocks)
        changed = [b.name for i, b in made.blocks.items() if b is not desk.document.blocks[i]]
        if changed:
            desk.do(f"Fit the sizes of {', '.join(changed)}", made)
        else:
            desk.note.emit("info", "No layer here has a size that does not fit its input.")

    def connect(self) -> None:
        """Choose by typing what the selected block's result goes to (no mouse needed)."""
        desk = self.desk
        if not desk.selected:
            desk.note.emit("info", "Select the node whose result should go somewhere, then press W.")
            return
        source = self._giver()
        keys = [(i, n) for i, s in self.view.shapes.blocks.items() for n, _ in s.inputs if i != source]
        names = self.view.shapes.blocks[source].names or ("",)
        reasons = {
            (k, key): why for k in range(len(names)) for key, why in wiring.refusals(desk.document, source, keys, desk.known, k).items()
        }
        blocks = desk.document.blocks

        def find(text: str) -> list[Choice]:
            rows = []
            for (k, key), why in reasons.items():
                words = (f"{names[k]} to " if names[k] else "") + f"{key[1]} of {blocks[key[0]].name}"
                if text.strip().lower() in words.lower():
                    taken = desk.document.wires.get(key)
                    detail = why or (f"has {blocks[taken.source].name} now" if taken is not None else "")
                    rows.append((bool(why), taken is not None, [Choice(words, detail, (k, *key), not why)]))
                    if why and len(rows) <= HELPED:
                        helps = rescues(self.view, source, key, desk.document, k)
                        rows[-1][2].extend(Choice(f"    {help_}", "", make) for help_, make in helps)
            return [c for _, _, some in sorted(rows, key=lambda r: r[:2]) for c in some]

        def take(key: object) -> None:
            if callable(key):
                key()
            elif isinstance(key, tuple):
                k, target, port = key
                made = connected(desk.document, source, (target, port), desk.known, k)
                desk.do(f"Connect {blocks[source].name} to {blocks[target].name}", made)

        self._ask(f"Where should {blocks[source].name} go?", find, take, source)

    def take_off(self) -> None:
        """Choose by typing which wire of the selected block goes (no mouse needed)."""
        desk, block = self.desk, self.desk.selected[0]
        blocks, wires = desk.document.blocks, desk.document.wires
        words = {(block, port): f"{port} from {blocks[wire.source].name}" for port, wire in desk.document.inputs(block).items()}
        words.update((key, f"to {key[1]} of {blocks[key[0]].name}") for key in desk.document.users(block))
        if not words:
            desk.note.emit("info", f"{blocks[block].name} has no wire.")
            return

        def find(text: str) -> list[Choice]:
            return [Choice(line, "", key) for key, line in words.items() if text.strip().lower() in line.lower()]

        def take(key: object) -> None:
            if isinstance(key, tuple) and key in wires:
                desk.do("Cut a wire", edits.disconnect(desk.document, [key]))

        self._ask(f"Which wire of {blocks[block].name} should go?", find, take, block)

    def _ask(self, title: str, find: Callable[[str], Sequence[Choice]], take: Callable[[object], None], beside: str) -> None:
        """A choice beside a block."""
        picker = Picker(title, find, self.view)
        picker.picked.connect(take)
        picker.move(self.view.mapToGlobal(self.view.to_widget(self.view.shapes.blocks[beside].output).toPoint()))
        picker.show()
        picker.line.setFocus()
