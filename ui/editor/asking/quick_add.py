"""The quick-add menu of the canvas: type a name, get the node, wired where a wire was dropped."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QPointF

from gradviz.document import edits
from gradviz.document.expression.expression import read_expression
from gradviz.document.expression.reader import is_data
from gradviz.document.model import TENSOR, Document, Wire, WireKey
from gradviz.document.naming import usable
from gradviz.document.palette.catalogue import Entry, entry
from gradviz.document.palette.feeding import Feeding, likely
from gradviz.document.palette.reading import Reading
from gradviz.document.palette.search import search
from gradviz.document.palette.sizing import sizes_of, told
from gradviz.document.problem import DocumentProblem
from gradviz.document.run.inference import infer_block
from gradviz.document.run.inference import show as shape_text

from ..layout.arrange import put_behind, with_room
from ..paper import Paper
from .picker import SHOWN, Choice, Picker

_EXPRESSION = "expression"
_PLAIN = ("input", "other", "self")  # ports whose names say nothing of the tensor there
ASKED = 12  # of the ops that a few letters find: whether they can read the selected result
_LETTERED = re.compile(r"[^\W\d_]_?\d*")  # w, w1, h_0
_BEHIND = re.compile(r"[-+*/@·×÷]|\.[a-zA-Z]|\[[^\]]*(:|\.\.\.)")  # what begins with what stands before it
_SIGNS = frozenset("=()[]*+-/@^·×÷−²³")


def quick_add(
    view: Paper, at: QPointF, *, source: str = "", target: WireKey | None = None, output: int = 0, between: bool = False
) -> Picker:
    """Open the menu at a point of the widget.

    Args:
        between: what is chosen goes between `source` and all that reads it.
    """
    document, known = view.desk.document, view.desk.known
    before = _result(document, view.desk.selected) if not source and target is None else ""
    reading = Reading(known.get(source), output, document.blocks[source].op) if source else None
    feeding: Feeding | None = None
    title = "Add a node, or type an expression"
    if before:
        title += f"; / 2, ** 2, @ w or .sum() go on from {document.blocks[before].name}"
    if source:
        name = document.blocks[source].name
        title = f"What should stand between {name} and what reads it?" if between else f"What should read {name}?"
    elif target is not None:
        feeding = Feeding(document, target, known)
        title = f"What should give {target[1]} of {document.blocks[target[0]].name}?"

    def find(text: str) -> list[Choice]:
        choices: list[Choice] = []
        if not source and target is None and any(c in _SIGNS for c in text) and len(text) > 1:
            onto = document.blocks[before].name if before and _BEHIND.match(text.lstrip()) else ""
            choices.append(_expression_choice(document, _going_on(onto, text)))
        elif source and not between and len(text) > 1 and (text.strip()[0] == "[" or _BEHIND.match(text.strip())):
            paths = known[source].paths if source in known else ()
            path = paths[output] if output < len(paths) and len(paths) > 1 else ""
            choices.append(_expression_choice(document, _going_on(document.blocks[source].name + path, text)))
        found = search(text)
        if reading is not None:
            found = reading.likely(found, SHOWN, usual=not text.strip())
        elif before and text.strip():
            found = _fitting_first(found, Reading(known.get(before)), text.strip())
        elif feeding is not None:
            found = likely(feeding, found, SHOWN)
        rows = [Choice(e.title, e.op if e.op != e.title else e.category, e.op) for e in found]
        if not source and target is None and (named := _named_choice(document, text, found)) is not None:
            rows.insert(0 if _LETTERED.fullmatch(text.strip()) or is_data(text.strip()) else len(rows), named)
        return choices + rows

    def take(key: object) -> None:
        if isinstance(key, tuple):
            add_expression(view, str(key[1]), at)
        else:
            view.added.emit(add_block(view, str(key), at, source, target, output, between=between))

    picker = Picker(title, find, view)
    picker.picked.connect(take)
    corner = view.mapToGlobal(at.toPoint())
    screen = view.screen().availableGeometry() if view.screen() is not None else view.geometry()
    corner.setX(max(screen.left(), min(corner.x(), screen.right() - picker.width())))
    corner.setY(max(screen.top(), min(corner.y(), screen.bottom() - picker.height())))
    picker.move(corner)
    picker.show()
    picker.line.setFocus()
    return picker


def _fitting_first(found: Sequence[Entry], result: Reading, text: str) -> list[Entry]:
    """The ops that can read a result before those that cannot; one whose whole name was typed stays where it is."""
    fits = {e.op for e in found[:ASKED] if not e.ports or e.title.lower() == text.lower() or result.port(e)}
    return sorted(found, key=lambda e: e.op not in fits)


def _going_on(name: str, text: str) -> str:
    """What is typed behind a node: `/ 2` and `.sum()` begin with its result, which has that name."""
    return f"{name}{'' if text.lstrip()[:1] in '.[' else ' '}{text.lstrip()}" if name else text


def _named_choice(document: Document, text: str, found: Sequence[Entry]) -> Choice | None:
    """A tensor of a name that nothing has: who types x or w1 wants one. What another keyboard made of a node's name is none."""
    name = text.strip()
    if (
        not name.isidentifier()
        or not (name.isascii() or len(name) == 1)
        or not usable(name)
        or any(b.name == name for b in document.blocks.values())
        or any(name.lower() == e.title.lower() for e in found)
    ):
        return None
    return Choice(name, "a tensor with this name", (_EXPRESSION, name))


def _expression_choice(document: Document, text: str) -> Choice:
    try:
        made, new = read_expression(document, text)
    except DocumentProblem as problem:
        return Choice(f"“{text}”: {problem}", "", (_EXPRESSION, text), False)
    if not new:
        return Choice(f"Train with  {text}", _plan(made), (_EXPRESSION, text))
    return Choice(f"Build  {text}", "1 node" if len(new) == 1 else f"{len(new)} nodes", (_EXPRESSION, text))


def _plan(document: Document) -> str:
    """What the training is set to."""
    plan = document.training
    batch = f"{'shuffled ' * plan.shuffle}batches of {plan.batch}" if plan.batch else ""
    clip = f"gradients no longer than {plan.clip:g}" if plan.clip else ""
    return ", ".join(filter(None, (plan.optimizer, plan.scheduler, f"{plan.epochs} epochs", batch, clip)))


def add_expression(view: Paper, text: str, at: QPointF) -> None:
    """The blocks of an expression at a point of the widget."""
    here = view.to_graph(at)
    desk = view.desk
    made: list[tuple[str, ...]] = []

    def build() -> Document:
        document, new = read_expression(desk.document, text, here.x(), here.y())
        made.append(new)
        return put_behind(document, new, here) if new else document

    if desk.attempt(f"Build {text}", build):
        if not made[0]:
            desk.note.emit("passing", f"The training is set: {_plan(desk.document)} (Ctrl+F5 trains).")
            return
        desk.select(made[0])
        if not view.shown.contains(view.shapes.bounds):
            view.fit()


def add_block(
    view: Paper, op: str, at: QPointF, source: str = "", target: WireKey | None = None, output: int = 0, *, between: bool = False
) -> str:
    """A block at a point of the widget, with the wire that was dropped there; without one it reads the selected block, where it fits.

    Gives its id, "" where there is no such op.
    """
    desk = view.desk
    here = view.to_graph(at)
    found = entry(op)
    if found is None:
        return ""
    value = Feeding(desk.document, target, desk.known).value() if target is not None and op == TENSOR else None
    name = target[1] if target is not None and op == TENSOR and target[1].isidentifier() and target[1] not in _PLAIN else ""
    made, block_id = edits.add(desk.document, op, round(here.x() / 12) * 12, round(here.y() / 12) * 12, name=name, value=value)
    alone = ""
    label = f"Add {found.title if op != TENSOR else 'a tensor'}"
    if source and found.ports:
        readers = desk.document.users(source) if between else []
        port = Reading(desk.known.get(source), output).port(found) or edits.free_port(made, block_id, found)
        made = edits.connect(made, source, block_id, port, output)
        made = told(made, block_id, sizes_of(found, desk.known.get(source), output))
        for reader, name in readers:
            if made.wires[reader, name].output == output:
                made = edits.connect(made, block_id, reader, name)
        if readers:
            made = with_room(edits.among(made, block_id), block_id, view.shapes)
            label = f"Put {found.title} behind {made.blocks[source].name}"
    elif target is not None:
        block = made.blocks[block_id]
        made = edits.move(made, {block_id: (here.x() - 184, block.y - 58)})
        made = edits.connect(made, block_id, target[0], target[1])
    elif ends := _results(desk.document, desk.selected):
        made, alone = _chained(view, made, ends, block_id, found)
    desk.do(label, made)
    desk.select((block_id,))
    view.show_block(block_id)
    if alone:
        desk.note.emit("passing", alone)
    return block_id


def _result(document: Document, selected: Sequence[str]) -> str:
    """The one selected block that no other selected one reads (the result of an expression that was typed), "" where there are several."""
    ends = _results(document, selected)
    return ends[0] if len(ends) == 1 else ""


def _results(document: Document, selected: Sequence[str]) -> list[str]:
    """The selected blocks that no other selected one reads, in the order in which they were selected."""
    among = set(selected)
    return [b for b in selected if among.isdisjoint(target for target, _ in document.users(b))]


def _chained(view: Paper, document: Document, sources: Sequence[str], block_id: str, found: Entry) -> tuple[Document, str]:
    """A block that is added while others are selected reads them, one at each input, where it fits: typing goes on from there.

    Gives also the words for why it reads nothing, "" where it does.
    """
    made, known = document, view.desk.known
    if not found.ports:
        return document, ""
    only = Reading(known.get(sources[0])).port(found) if len(sources) == 1 else ""
    wires = {}
    for source in sources:
        port = only or edits.free_port(made, block_id, found)
        if not port:
            return document, f"{found.title} has no input for each of the {len(sources)} selected nodes, so it reads none of them."
        wires[port] = Wire(source)
        made = edits.connect(made, source, block_id, port)
    made = told(made, block_id, sizes_of(found, known.get(sources[0])))
    first = document.blocks[sources[0]]
    if len(sources) == 1 and found.layer and first.value is not None and not first.value.shape:
        return made, ""  # a new tensor is one number, and will be data: the layer waits for them
    names = " and ".join(document.blocks[s].name for s in sources)
    if problem := infer_block(made.blocks[block_id], wires, known).problem:
        return document, f"{found.title} does not read {names}: {problem}"
    if len(sources) == 1 and not only and (spec := known[sources[0]].spec) is not None:
        return document, f"{found.title} does not read {names}: it takes no {spec.dtype} of the shape {shape_text(spec.shape)}."
    return made, ""
