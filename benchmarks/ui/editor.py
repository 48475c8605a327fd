"""The editor: a frame of a slider's drag, and opening, wiring, doubling and repainting documents.

NodeGraphQt's stand beside it where it is installed. The peer can keep up to 1,000 nodes, and is left out beyond.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..row import Row
from .node_graph_qt import chain
from .taken import exposed, median

COUNTS = (100, 1_000, 10_000)
KEEPS_UP = 1_000  # nodes that NodeGraphQt is asked to hold
SHARE = 0.2
TIMES = 20  # wires of each; the first ones find caches cold, at both
FRAME_MS = 1000 / 60


def rows() -> Iterator[Row]:
    """Rows for live mode, and for each size: wire and run, cut, duplicate, open, wire, repaint."""
    from ui.bridge import Bridge
    from ui.qt.application import application
    from ui.style import theme

    app = application()
    theme.apply(app, theme.DARK)
    bridge = Bridge(theme.DARK)
    with tempfile.TemporaryDirectory() as folder:
        for count in (100, 1_000):
            yield _live(bridge, Path(folder), count)
        for count in COUNTS:
            yield from _size(bridge, Path(folder), count)


def _chain(count: int) -> Any:
    """A document of so many small nodes: one number that is dragged, and a trunk with branches."""
    from gradviz.document import edits
    from gradviz.document.model import TENSOR, Document, Value

    document, first = edits.add(Document(), TENSOR, 0, 0)
    document = edits.set_value(document, first, Value((), (0.5,)))
    document = document.with_block(replace(document.blocks[first], requires_grad=True))
    before = first
    blocks, wires = dict(document.blocks), dict(document.wires)
    from gradviz.document.model import Block, Wire

    for k in range(1, count):
        name = f"b{k + 100}"
        blocks[name] = Block(
            name, "torch.sin" if k % 2 else "torch.exp" if k % 7 == 0 else "torch.tanh", f"n{k}", k % 40 * 240.0, k // 40 * 160.0
        )
        wires[name, "input"] = Wire(before)
        before = name
    return replace(document, blocks=blocks, wires=wires, next_number=count + 200)


def _desk(bridge: Any, folder: Path, document: Any) -> tuple[Any, Any]:
    from ui.editor.desk import Desk
    from ui.editor.view import EditorView

    desk = Desk(folder)
    view = EditorView(desk, bridge)
    view.resize(1280, 800)
    view.show()
    exposed()
    desk.new(document)
    view.fit()
    view.grab()
    return desk, view


def _live(bridge: Any, folder: Path, count: int) -> Row:
    from gradviz.document import edits
    from gradviz.document.model import Value

    desk, view = _desk(bridge, folder, _chain(count))
    first = next(iter(desk.document.blocks))
    numbers = iter(range(1, 1_000_000))

    def frame() -> None:
        desk.do("Drag", edits.set_value(desk.document, first, Value((), (next(numbers) / 1000,))), "drag")
        view.repaint()

    took = median(frame, 60) * 1e3
    desk.close()
    view.close()
    asked = count <= 100
    within = f"< {FRAME_MS:.1f} ms" if asked else "-"
    return Row(f"ui/live frame, {count:,} nodes", f"{took:.1f} ms", "-", None, within, took < FRAME_MS if asked else None)


def _size(bridge: Any, folder: Path, count: int) -> Iterator[Row]:
    from gradviz.document import edits
    from gradviz.document.file.keeping import save

    path = folder / f"{count}.gradviz"
    save(_chain(count), str(path))
    desk, view = _desk(bridge, folder, _chain(2))

    def open_() -> None:
        desk.open(str(path))
        view.fit()
        view.repaint()

    opened = median(open_, 3)
    ids = list(desk.document.blocks)
    ends = iter(range(3, count, 2))

    def wire() -> None:
        desk.do("Connect", edits.connect(desk.document, ids[0], ids[next(ends)], "input"))  # what stood there goes, as the peer's does
        exposed()

    def cut() -> None:
        desk.do("Cut", edits.disconnect(desk.document, [(ids[next(ends)], "input")]))  # no shape is known any more behind it
        exposed()

    run = median(wire, 5)
    desk.set_live(False)  # the peer draws, and computes nothing
    exposed()
    wired = median(wire, TIMES)
    severed = median(cut, TIMES)
    repainted = median(view.repaint, 10)

    def duplicate() -> None:
        desk.do("Duplicate", edits.duplicated(desk.document, ids, 36, 36)[0])
        exposed()

    doubled = median(duplicate, 1)
    desk.close()
    view.close()
    peer = _peer(count) if count <= KEEPS_UP else None
    why = "not installed" if count <= KEEPS_UP else "left out"
    yield Row(f"ui/wire and run {count:,} nodes", f"{run * 1e3:.1f} ms", "-", None, "-", None)
    yield Row(f"ui/cut {count:,} nodes", f"{severed * 1e3:.1f} ms", "-", None, "-", None)
    yield Row(f"ui/duplicate {count:,} nodes", f"{doubled * 1e3:.1f} ms", "-", None, "-", None)
    for name, ours, theirs, asked in (
        ("open", opened, 0, False),
        ("wire", wired, 1, True),
        ("repaint", repainted, 2, True),
    ):
        other = peer[theirs] if peer is not None else None
        ratio = ours / other if other else None
        yield Row(
            f"ui/{name} {count:,} nodes", f"{ours * 1e3:.1f} ms", f"{other * 1e3:.1f} ms" if other else why, ratio,
            f"<= {SHARE}" if asked else "-", ratio <= SHARE if asked and ratio is not None else None,
        )  # fmt: skip


def _peer(count: int) -> tuple[float, float, float] | None:
    """NodeGraphQt's seconds for opening, wiring and repainting as many nodes."""
    peer = chain(count)
    if peer is None:
        return None
    data = peer.graph.serialize_session()

    def open_() -> None:
        peer.graph.deserialize_session(data, clear_session=True, clear_undo_stack=True)
        peer.repaint()

    ends = iter(range(3, count, 2))

    def wire() -> None:
        peer.nodes[0].set_output(0, peer.nodes[next(ends)].input(0))
        exposed()

    wired = median(wire, TIMES)
    repainted = median(peer.repaint, 10)
    opened = median(open_, 1)
    return opened, wired, repainted
