"""Another op in the place of the selected ones, chosen by typing: what fits the wires that are there, of the same family first."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gradviz.document.model import Document
from gradviz.document.palette.catalogue import entry
from gradviz.document.palette.reading import SLOW
from gradviz.document.palette.search import search
from gradviz.document.replacing import missing, replaceable, replaced

from .picker import SHOWN, Choice, Picker

NEVER = 100  # inputs and settings that are missing

if TYPE_CHECKING:
    from ..view import EditorView


def replace_nodes(view: EditorView) -> None:
    """Open the menu beside the first of the selected operations."""
    desk = view.desk
    document, known = desk.document, desk.known
    chosen = replaceable(document, desk.selected)
    if not chosen:
        desk.note.emit("info", "A tensor is no operation: select one that another should stand for.")
        return
    first = document.blocks[chosen[0]]
    own = entry(first.op)
    names = first.name if len(chosen) == 1 else f"these {len(chosen)} nodes"

    @cache
    def lacks(op: str) -> int:
        return max((n if (n := missing(document, b, op, known)) is not None else NEVER for b in chosen), default=NEVER)

    def find(text: str) -> list[Choice]:
        found = [e for e in search(text) if e.ports and e.title != (own.title if own is not None else "")]
        if not text.strip() and own is not None:  # its own family, and of the others those that are quickly asked
            found = sorted((e for e in found if not e.title.startswith(SLOW)), key=lambda e: e.category != own.category)
        rows: list[tuple[int, Choice]] = []
        for e in found:
            if len(rows) == SHOWN:
                break
            if (count := lacks(e.op)) < NEVER:
                rows.append((count, Choice(e.title, e.op if e.op != e.title else e.category, e.op)))
        return [choice for _, choice in sorted(rows, key=lambda row: row[0])]  # what needs nothing more comes first

    def take(op: object) -> None:
        def edit() -> Document:
            made = desk.document
            for block in chosen:
                made = replaced(made, block, str(op), known)
            return made

        if desk.attempt(f"Replace {names} by {str(op).rpartition('.')[2]}", edit):
            desk.select(chosen)
            view.inline.ask(chosen[0])

    picker = Picker(f"What should stand in the place of {names}?", find, view)
    picker.picked.connect(take)
    picker.move(view.mapToGlobal(view.to_widget(view.shapes.blocks[chosen[0]].rect.bottomLeft()).toPoint()))
    picker.show()
    picker.line.setFocus()
