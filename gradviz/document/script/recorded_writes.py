"""Writes in place into parts of tensors (`h[0] = 5`, `h[1:].mul_(3)`) as nodes: a new tensor that has the part, and what reads it later.

Nothing is written over in a graph. So the tensor that a view looks into is put together anew with what was written there
(select_scatter, slice_scatter, ...), up to the tensor that has the memory; and its other views are looked into again when they are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .. import edits
from ..expression.indexing import INDEX, read_index
from ..expression.row_calls import ARRAY
from ..model import TENSOR, Document, Param, Value
from ..palette.catalogue import entry
from ..problem import DocumentProblem

if TYPE_CHECKING:
    from ...recording.event import Event, Ref
    from ...recording.recording import Recording

Array = np.ndarray[Any, Any]
Place = tuple[str, int]  # a block, and which of its outputs
Shape = tuple[int, ...]
Index = list[int | slice]
_ALL = slice(None)
_SAME_ORDER = (
    "view",
    "reshape",
    "_unsafe_view",
    "unsqueeze",
    "squeeze",
    "flatten",
    "unflatten",
    "alias",
)  # views that only name the dimensions otherwise


class Growing(Protocol):
    """The document that is made of a recording, as far as writes have to do with it."""

    recording: Recording
    document: Document
    at_location: dict[int, Place]
    quiet: list[str]
    forms: dict[str, tuple[Shape, str]]
    given: dict[str, int]

    def value_of(self, number: int) -> Value:
        """A recorded value as a tensor's."""
        ...


class Parts:
    """Which tensors look into which, and what a write into one of them makes of the others."""

    def __init__(self, growing: Growing) -> None:
        self._growing = growing
        self._looks: dict[int, tuple[int, Event, Place]] = {}  # a view -> what it looks into, the event that made it, and its block then
        self._writes: dict[int, int] = {}  # how often the memory of a tensor was written into
        self._seen: dict[int, int] = {}  # how many of these writes a tensor's block has
        self._made: dict[tuple[Any, ...], str] = {}  # the same node of the same inputs is one, in each turn of a loop
        self._last: dict[int, int] = {}  # the line of the last write into a tensor

    def look(self, event: Event) -> None:
        """A view was made, or a detached tensor with the same memory."""
        if len(event.reads) == 1 and len(event.writes) == 1:
            made, read = event.writes[0].location, event.reads[0].location
            self._looks[made] = (read, event, self._growing.at_location[made])
            self._seen[made] = self._writes.get(self.owner(read), 0)

    def fresh(self, location: int) -> Place | None:
        """The block of a tensor as it is now; a view of what was written into meanwhile is made anew."""
        at = self._growing.at_location
        chain = [location]
        while chain[-1] in self._looks:
            chain.append(self._looks[chain[-1]][0])
        count = self._writes.get(chain[-1], 0)
        for one in reversed(chain[:-1]):
            if self._seen.get(one, 0) < count and one in at:
                read, event, view = self._looks[one]
                again = self._again(view, at.get(read), event)
                if again is None:
                    return at.get(location)
                at[one], self._seen[one] = again, count
        return at.get(location)

    def wrote(self, event: Event, block: Place) -> bool:
        """A tensor is another one now: what it looks into has that part from here on. False where no node can say so."""
        location = event.writes[0].location
        at, shape = self._growing.at_location, self._shape(event.writes[0])
        self._last[location] = event.line
        changed = {location: block}
        while location in self._looks:
            read, look, _ = self._looks[location]
            whole = self.fresh(read)
            if whole is None:
                return False
            into = self._shape(look.reads[0])
            put = self._back(whole, into, changed[location], shape, look, event)
            if put is None:
                return False
            changed[read], location, shape = put, read, into
        self._writes[location] = self._writes.get(location, 0) + 1
        at.update(changed)
        self._seen.update(dict.fromkeys(changed, self._writes[location]))
        return True

    def part(self, event: Event) -> Place | None:
        """What `x[key] = y`, `x[:] = y`, `x.fill_(2)` made of x; None where no node can say so."""
        name, target = str(event.detail.get("op", "")), event.writes[0]
        if name in ("fill", "zero"):
            return self._constant(self._growing.value_of(target.value), event)
        if len(event.reads) != 2 or name not in ("copy_slices", "index_put_", "copy"):
            return None
        source = event.reads[1]
        if name == "copy_slices" and self._is_own(source.location, target.location, event.line):
            return self.fresh(target.location)  # x[1:] *= 3 has written it there already
        whole, shape = self.fresh(target.location), self._shape(target)
        if whole is None:
            return None
        if name == "copy":
            given, of = self._given(source, event)
            return self._stretched(given, of, shape, event)
        keys = [str(part) for part in (event.detail.get("params") or {}).get("key") or ()]
        given, of = self._given(source, event)
        if len(keys) == 1 and keys[0].startswith(ARRAY):
            return self._at_array(whole, tuple(int(n) for n in re.findall(r"\d+", keys[0])), given, event)
        index = _whole_index(keys, len(shape))
        if index is None:
            return None
        return self._put(whole, shape, index, given, of, event)

    def _at_array(self, whole: Place, form: Shape, given: Place, event: Event) -> Place | None:
        """`x[mask] = y` and `x[rows] = y`; the array between the brackets is told by what stands where it points."""
        growing = self._growing
        source, made = (growing.recording.array(ref.value) for ref in (event.reads[1], event.writes[0]))
        if source is None or made is None:
            return None
        mask = form == made.shape
        for block, (shape, dtype) in reversed(growing.forms.items()):
            index = growing.recording.array(growing.given[block]) if block in growing.given else None
            if index is None or shape != form or dtype != ("bool" if mask else "int64") or not _stands_there(made, index, source):
                continue
            if mask and source.ndim == 0:
                return self._node("torch.masked_fill", {"input": whole, "mask": (block, 0), "value": given}, {}, event)
            if mask:
                return self._node("torch.masked_scatter", {"input": whole, "mask": (block, 0), "source": given}, {}, event)
            rows = self._stretched(given, source.shape, made[index].shape, event)
            if len(form) == 1 and rows is not None:
                return self._node("torch.index_copy", {"input": whole, "index": (block, 0), "source": rows}, {"dim": 0}, event)
        return None if mask or len(form) != 1 else self._at_rows(whole, form[0], given, source, made, event)

    def _at_rows(self, whole: Place, count: int, given: Place, source: Array, made: Array, event: Event) -> Place | None:
        """`x[[0, 2]] = y` with one y for all of these rows: they are those that are like it, where there are no more of them."""
        like = np.flatnonzero([_stands_there(made, k, source) for k in range(len(made))])
        if len(like) != count or source.ndim >= made.ndim:
            return None
        rows = self._constant(Value((count,), tuple(map(float, like)), "int64"), event)
        filled = self._stretched(given, source.shape, (count, *made.shape[1:]), event)
        return filled and self._node("torch.index_copy", {"input": whole, "index": rows, "source": filled}, {"dim": 0}, event)

    def _is_own(self, source: int, target: int, line: int) -> bool:
        """Whether what is written into a tensor is the part of it that was changed on the same line."""
        if self._last.get(source) != line:
            return False
        while source in self._looks:
            source = self._looks[source][0]
            if source == target:
                return True
        return False

    def owner(self, location: int) -> int:
        """The tensor that a view looks into in the end; itself where it is no view."""
        while location in self._looks:
            location = self._looks[location][0]
        return location

    def _shape(self, ref: Ref) -> Shape:
        return tuple(self._growing.recording.form(ref.value)[0])

    def _given(self, ref: Ref, event: Event) -> tuple[Place, Shape]:
        """What is written: a block, or numbers that no block has."""
        found = self.fresh(ref.location)
        if found is None:
            found = self._growing.at_location[ref.location] = self._constant(self._growing.value_of(ref.value), event)
        return found, self._shape(ref)

    def _put(self, whole: Place, shape: Shape, index: Index, given: Place, of: Shape, event: Event) -> Place | None:
        """A tensor with another part, dimension after dimension of the index."""
        dim = next((k for k, part in enumerate(index) if not _is_all(part, shape[k])), None)
        if dim is None:
            return self._stretched(given, of, shape, event)
        part = index[dim]
        only: Index = [*[_ALL] * dim, part]
        inner_index: Index = [*index[:dim], *index[dim + 1 :]] if isinstance(part, int) else [*index[:dim], _ALL, *index[dim + 1 :]]
        if isinstance(part, int):
            inner = (*shape[:dim], *shape[dim + 1 :])
        else:
            inner = (*shape[:dim], len(range(*part.indices(shape[dim]))), *shape[dim + 1 :])
        if all(_is_all(p, n) for p, n in zip(inner_index, inner, strict=True)):
            filled = self._stretched(given, of, inner, event)
        else:
            inside = self._node(INDEX, {"input": whole}, {"index": ", ".join(map(_text, only))}, event)
            filled = self._put(inside, inner, inner_index, given, of, event)
        if filled is None:
            return None
        wires = {"input": whole, "src": filled}
        if isinstance(part, int):
            return self._node("torch.select_scatter", wires, {"dim": dim, "index": part % shape[dim]}, event)
        start, stop, step = part.indices(shape[dim])
        return self._node("torch.slice_scatter", wires, {"dim": dim, "start": start, "end": stop, "step": step}, event)

    def _stretched(self, given: Place, of: Shape, shape: Shape, event: Event) -> Place | None:
        """What is written, as large as the place where it is written."""
        if of == shape:
            return given
        while len(of) > len(shape) and of[0] == 1:
            of = of[1:]
            given = self._node("torch.squeeze", {"input": given}, {"dim": 0}, event)
        return given if of == shape else self._node("torch.broadcast_to", {"input": given}, {"size": shape}, event)

    def _back(self, whole: Place, into: Shape, part: Place, shape: Shape, look: Event, event: Event) -> Place | None:
        """A tensor in which what one of its views shows is another."""
        name, params = str(look.detail.get("op", "")), look.detail.get("params") or {}
        if name in _SAME_ORDER:
            return self._node("torch.reshape", {"input": part}, {"shape": into}, event, whole)
        if name == "t":
            return self._node("torch.t", {"input": part}, {}, event, whole)
        if name == "transpose" and {"dim0", "dim1"} <= params.keys():
            return self._node("torch.transpose", {"input": part}, {"dim0": params["dim0"], "dim1": params["dim1"]}, event, whole)
        if name == "permute" and "dims" in params:
            dims = [d % len(into) for d in params["dims"]]
            return self._node("torch.permute", {"input": part}, {"dims": tuple(dims.index(k) for k in range(len(dims)))}, event, whole)
        if name == "diagonal":
            return self._node("torch.diagonal_scatter", {"input": whole, "src": part}, _of_entry("torch.diagonal_scatter", params), event)
        if name == "select":
            return self._put(
                whole,
                into,
                [*[_ALL] * params["dim"], params["index"], *[_ALL] * (len(into) - params["dim"] - 1)],
                part,
                shape,
                event,
            )
        if name == "slice" and "key" in params:
            index = _whole_index([str(k) for k in params["key"]], len(into))
            return None if index is None else self._put(whole, into, index, part, shape, event)
        return None

    def _again(self, old: Place, read: Place | None, look: Event) -> Place | None:
        """A view of another tensor: the node that it has, read from there."""
        block = self._growing.document.blocks[old[0]]
        wires = self._growing.document.inputs(old[0])
        if read is None or list(wires) != ["input"]:
            return None
        return self._node(block.op, {"input": read}, block.params, look)[0], old[1]

    def _constant(self, value: Value, event: Event) -> Place:
        growing = self._growing
        key = (TENSOR, value.shape, value.dtype, value.data)
        if key not in self._made:
            growing.document, self._made[key] = edits.add(growing.document, TENSOR, 0, 0, value=value)
        return self._made[key], 0

    def _node(self, op: str, inputs: Mapping[str, Place], params: Mapping[str, Param], event: Event, whole: Place | None = None) -> Place:
        """A node, with the name of the tensor of which it is another state."""
        growing = self._growing
        key = (op, tuple(sorted(inputs.items())), tuple(sorted(params.items())), event.grad_mode)
        if key not in self._made:
            found = entry(op)
            usual = {s.name: s.default for s in found.settings} if found is not None else {}
            given = {k: v for k, v in params.items() if k not in usual or usual[k] != v}
            named = whole or (inputs["input"] if len(inputs) > 1 else None)
            name = re.sub(r"\d+$", "", growing.document.blocks[named[0]].name) if named is not None else ""
            made, block = edits.add(growing.document, op, 0, 0, name=name, params=given)
            for port, (source, output) in inputs.items():
                made = edits.connect(made, source, block, port, output)
            growing.document = made
            self._made[key] = block
            if not event.grad_mode:
                growing.quiet.append(block)
        return self._made[key], 0


def _stands_there(made: Array, index: Any, source: Array) -> bool:
    """Whether a tensor has what was written where an index says."""
    try:
        return bool(np.array_equal(made[index], np.broadcast_to(source, made[index].shape), equal_nan=made.dtype.kind in "fc"))
    except (IndexError, ValueError):
        return False


def _of_entry(op: str, params: Mapping[str, Any]) -> dict[str, Param]:
    found = entry(op)
    return {s.name: params[s.name] for s in found.settings if s.name in params} if found is not None else {}


def _is_all(part: int | slice, size: int) -> bool:
    return isinstance(part, slice) and range(*part.indices(size)) == range(size)


def _text(part: int | slice) -> str:
    if isinstance(part, int):
        return str(part)
    ends = ["" if end is None else str(end) for end in (part.start, part.stop)]
    return ":".join(ends) + ("" if part.step is None else f":{part.step}")


def _whole_index(keys: Sequence[str], dims: int) -> Index | None:
    """An index with a part for each dimension; None where there is something else in it than numbers and slices.

    A None in it makes a dimension of one, which what is written may have or not: it is left out.
    """
    parts: list[Any] = []
    for key in keys:
        try:
            parts.append(... if key == "Ellipsis" else read_index(key))
        except DocumentProblem:
            return None
    parts = [p for p in parts if p is not None]
    if not all(isinstance(p, (int, slice)) or p is ... for p in parts) or parts.count(...) > 1:
        return None
    missing = dims - sum(p is not ... for p in parts)
    if missing < 0:
        return None
    at = parts.index(...) if ... in parts else len(parts)
    return [*parts[:at], *[_ALL] * missing, *parts[at + 1 :]]
