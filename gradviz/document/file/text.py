"""The `.gradviz` format, read; docs/file-formats.md describes it, and `writing.py` writes it.

Reading is defensive: a file is data from anywhere, and nothing in it is believed
before it was looked at; what can be read is read, and the rest is listed with its place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ..model import (
    DRAWN,
    DTYPES,
    LARGEST,
    MOST_BLOCKS,
    REROUTE,
    SOURCES,
    TENSOR,
    Block,
    Document,
    Frame,
    Part,
    Training,
    Value,
    Wire,
    WireKey,
    ordered,
)
from ..naming import Names, as_read, usable
from ..palette.catalogue import entry
from ..problem import DocumentProblem
from ..values import checked
from .circles import closing
from .fields import end_of, id_of, ids_of, number_of, numbers_of, param_of, text_of, two_of
from .json_text import parsed
from .writing import FORMAT
from .writing import write as write

T = TypeVar("T")
SLIDER, ENDS = (Value().low, Value().high), Value().ends
MOST_ELEMENTS = 4 * LARGEST  # of all tensors together
FURTHEST = 1e6  # from the middle of the canvas
MOST_OF_A_ROW = 1000  # tensors that one input takes
MOST_PARAMETERS = 1000  # of one layer
MOST_PARTS = 100  # further losses and optimizers of a training
_NUMBERED = re.compile(r"[bf]\d{1,9}")


@dataclass(frozen=True, slots=True)
class Opened:
    """A document read from a file, with what could not be read, in sentences."""

    document: Document
    left_out: tuple[str, ...] = ()


# -- reading ------------------------------------------------------------------------------------------------


def read(data: bytes) -> Opened:
    """A document from the bytes of a file.

    Raises:
        DocumentProblem: it is no document at all, or one of a newer gradviz.
    """
    found = parsed(data)
    if not isinstance(found, dict) or not isinstance(found.get("gradviz"), int) or isinstance(found.get("gradviz"), bool):
        raise DocumentProblem("it is JSON, but no gradviz document: there is no “gradviz” with the number of its format")
    return _Reader(migrate(found)).read()


def migrate(found: dict[str, Any]) -> dict[str, Any]:
    """A file of an older format as one of today's.

    Raises:
        DocumentProblem: the format is newer than this gradviz.
    """
    version = found["gradviz"]
    if version > FORMAT:
        raise DocumentProblem(
            f"it was made by a newer gradviz (format {version}; this one reads up to {FORMAT}). Update gradviz to open it"
        )
    if version < 1:
        raise DocumentProblem(f"there never was a format {version}")
    if version == 1:  # places were two fields, and wires were kept at their targets as "inputs"
        found = dict(found)
        wires = []
        for block in found.get("blocks") or ():
            if isinstance(block, dict):
                block["at"] = [block.pop("x", 0), block.pop("y", 0)]
                inputs = block.pop("inputs", None)
                for port, source in inputs.items() if isinstance(inputs, dict) else ():
                    wires.append({"from": source, "to": block.get("id"), "port": port})
        found["wires"] = wires
    return found


class _Reader:
    """Takes what is right and lists the rest."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.found = found
        self.left_out: list[str] = []
        self.elements = 0
        self.blocks: dict[str, Block] = {}
        self.names = Names()

    def read(self) -> Opened:
        blocks, rows = self.blocks, self._rows("blocks")
        if len(rows) > MOST_BLOCKS:
            raise DocumentProblem(f"it has {len(rows):,} blocks; {MOST_BLOCKS:,} are possible")
        for k, row in enumerate(rows):
            block = self._try(row, self._block, "blocks", k)
            if block is not None and block.id in blocks:
                self.left_out.append(f"blocks[{k}]: there is a block {block.id} already; the first one stays")
            elif block is not None:
                blocks[block.id] = self._named(k, block)
        for block in list(blocks.values()):
            other = blocks.get(block.layer)
            fits = other is not None and not other.layer and (other.op, other.params) == (block.op, block.params)
            if block.layer and not (fits and block.op.startswith("nn.")):
                self.left_out.append(f"block {block.name[:40]}: {block.layer[:40]} is no layer that it could call again; it has its own")
                blocks[block.id] = replace(block, layer="")
        wires: dict[WireKey, Wire] = {}
        for k, row in enumerate(self._rows("wires")):
            made = self._try(row, self._wire, "wires", k)
            if made is not None and made[0] in wires:
                self.left_out.append(f"wires[{k}]: {made[0][1]} of {made[0][0]} has a wire already; the first one stays")
            elif made is not None:
                wires[made[0]] = made[1]
        frames: dict[str, Frame] = {}
        for k, row in enumerate(self._rows("frames")):
            frame = self._try(row, self._frame, "frames", k)
            if frame is not None and frame.id not in frames:
                frames[frame.id] = frame
        training = self._try(self.found.get("training", {}), self._training, "training") or Training()
        numbers = [int(i[1:]) for i in [*blocks, *frames] if _NUMBERED.fullmatch(i)]
        following = self.found.get("next")
        following = following if isinstance(following, int) and not isinstance(following, bool) and 0 < following < 10**10 else 1
        direction = "TB" if self.found.get("direction") == "TB" else "LR"
        document = Document(blocks, wires, frames, training, max([following, *(n + 1 for n in numbers)]), direction)
        return Opened(self._without_cycles(document), tuple(self.left_out))

    def _named(self, k: int, block: Block) -> Block:
        """The block with a name that no other has and that a program can use."""
        name, taken = block.name, self.names.taken
        if name in taken or not usable(name):
            number = self.names.number(name, 2)
            why = "is taken" if name in taken else "has a meaning of its own in programs"
            self.left_out.append(f"blocks[{k}]: the name {name[:40]} {why}; it became {name[:40]}{number}")
            block = replace(block, name=f"{name}{number}")
        taken.add(block.name)
        return block

    def _rows(self, name: str) -> list[Any]:
        rows = self.found.get(name, [])
        if not isinstance(rows, list):
            self.left_out.append(f"{name}: a list is needed")
            return []
        return rows

    def _try(self, row: Any, take: Callable[[dict[str, Any]], T], name: str, k: int | None = None) -> T | None:
        """What is made of a row; where that cannot be, None, and why is listed with its place."""
        try:
            if not isinstance(row, dict):
                raise DocumentProblem("an object is needed")
            return take(row)
        except DocumentProblem as problem:
            self.left_out.append(f"{name}: {problem}" if k is None else f"{name}[{k}]: {problem}")
            return None

    def _block(self, row: dict[str, Any]) -> Block:
        op = text_of(row, "op")
        value, found = None, entry(op)
        if op == TENSOR:
            value = self._value(row.get("value"))
        elif op != REROUTE and found is None:
            self.left_out.append(f"block {row.get('name', row.get('id'))}: the engine has no {op[:60]}; it is kept, but cannot run")
        params = row.get("params", {})
        if not isinstance(params, dict):
            raise DocumentProblem("“params” needs an object")
        name = as_read(text_of(row, "name"))
        if not name.isidentifier():
            raise DocumentProblem(f"“{name[:40]}” cannot be the name of a variable")
        x, y = two_of(row["at"], "at") if "at" in row else (0.0, 0.0)
        if not (abs(x) <= FURTHEST and abs(y) <= FURTHEST):
            self.left_out.append(f"block {name[:40]}: it stood out of reach, at {x:g}, {y:g}; it was put in the middle")
            x = y = 0.0
        return Block(
            id_of(row, "id"),
            op,
            name,
            x,
            y,
            {str(k): param_of(v) for k, v in params.items()},
            value,
            row.get("requires_grad") is True and op == TENSOR,
            row.get("retain_grad") is True,
            row.get("muted") is True and op != TENSOR,
            self._state(row["state"]) if "state" in row and found is not None and found.layer else {},
            self._told(row, name),
            id_of(row, "layer") if "layer" in row else "",
        )

    def _told(self, row: dict[str, Any], name: str) -> str:
        try:
            return text_of(row, "told") if "told" in row else ""
        except DocumentProblem as problem:
            self.left_out.append(f"block {name[:40]}: {problem}; it is left out")
            return ""

    def _state(self, row: Any) -> dict[str, Value]:
        if not isinstance(row, dict) or len(row) > MOST_PARAMETERS or not all(isinstance(n, str) and len(n) < 200 for n in row):
            raise DocumentProblem("“state” needs an object of values")
        return {name: self._value(value) for name, value in sorted(row.items())}

    def _value(self, row: Any) -> Value:
        if not isinstance(row, dict):
            raise DocumentProblem("a tensor needs a “value”")
        shape = row.get("shape", [])
        if not (
            isinstance(shape, list) and len(shape) <= 8 and all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in shape)
        ):
            raise DocumentProblem("“shape” needs whole numbers")
        size = math.prod(shape)
        if size > LARGEST:
            raise DocumentProblem(f"a tensor of shape {tuple(shape)} is too large: {size:,} numbers; {LARGEST:,} are possible")
        if self.elements + size > MOST_ELEMENTS:
            raise DocumentProblem(f"the tensors together have more than {MOST_ELEMENTS:,} numbers")
        self.elements += size
        dtype = row.get("dtype", "float32")
        if dtype not in DTYPES:
            raise DocumentProblem(f"there is no dtype {str(dtype)[:40]}")
        low, high = self._slider(row["slider"]) if "slider" in row else SLIDER
        source = row.get("source", "data")
        if source not in SOURCES:
            raise DocumentProblem(f"numbers cannot come from {str(source)[:40]!r}")
        seed = row.get("seed", 0)
        if not (isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < 2**63):
            raise DocumentProblem("“seed” needs a whole number from 0 on")
        data: tuple[float, ...] = ()
        if source == "data":
            given = row.get("data")
            if not isinstance(given, list) or len(given) != size:
                has = len(given) if isinstance(given, list) else "no"
                raise DocumentProblem(f"shape {tuple(shape)} needs {size:,} numbers, and there are {has}")
            data = numbers_of(given, "data")
            if dtype == "int64" and not all(abs(v) < 2**63 for v in data):
                raise DocumentProblem("int64 has no nan, no inf, and no number above 2^63")
        ends = two_of(row["ends"], "ends") if "ends" in row else ENDS
        made = Value(tuple(shape), data, dtype, source, seed, ends, low, high, row.get("anew") is True and source in DRAWN)
        return made if source == "data" else checked(made)

    def _slider(self, row: Any) -> tuple[float, float]:
        low, high = two_of(row, "slider")
        if math.isfinite(low) and math.isfinite(high) and low < high:
            return low, high
        self.left_out.append(f"a slider cannot go from {low:g} to {high:g}; it got its usual ends")
        return SLIDER

    def _wire(self, row: dict[str, Any]) -> tuple[WireKey, Wire]:
        blocks = self.blocks
        source, target, port = end_of(row, "from", blocks), end_of(row, "to", blocks), text_of(row, "port")
        op = blocks[target].op
        found = entry(op)
        if op == TENSOR or (found is not None and found.port(port) is None):
            raise DocumentProblem(f"{blocks[target].name} has no input “{port[:40]}”")
        number = port.partition(".")[2]
        if number and not (number.isdigit() and str(int(number)) == number and int(number) < MOST_OF_A_ROW):
            raise DocumentProblem(f"{blocks[target].name} has no input “{port[:40]}”")
        output = row.get("output", 0)
        if not (isinstance(output, int) and not isinstance(output, bool) and 0 <= output < 1000):
            raise DocumentProblem("“output” needs a whole number")
        return (target, port), Wire(source, output)

    def _frame(self, row: dict[str, Any]) -> Frame:
        kind = text_of(row, "kind")
        if kind not in ("no_grad", "comment"):
            raise DocumentProblem(f"there is no frame of kind {kind[:40]}")
        members = row.get("members", [])
        if not isinstance(members, list) or not all(isinstance(m, str) for m in members):
            raise DocumentProblem("“members” needs a list of ids")
        collapsed = kind == "comment" and row.get("collapsed", False) is True
        return Frame(id_of(row, "id"), kind, text_of(row, "text"), tuple(dict.fromkeys(m for m in members if m in self.blocks)), collapsed)

    def _training(self, row: dict[str, Any]) -> Training:
        usual = Training()
        options = row.get("options", dict(usual.options))
        epochs, every = row.get("epochs", usual.epochs), row.get("every", usual.every)
        if not isinstance(options, dict) or not all(
            isinstance(n, int) and not isinstance(n, bool) and 0 < n <= 1_000_000 for n in (epochs, every)
        ):
            raise DocumentProblem("“epochs” and “every” need whole numbers from 1 on, “options” an object")
        policy = row.get("zero_grad", usual.zero_grad)
        if policy not in ("each", "never", "every", "accumulate"):
            raise DocumentProblem(f"zero_grad is each, never, every or accumulate, not {str(policy)[:40]}")
        loss, optimizer = row.get("loss", ""), row.get("optimizer", usual.optimizer)
        if not isinstance(optimizer, str) or not optimizer.isidentifier():
            optimizer = ""
        scheduler, batch = row.get("scheduler", ""), row.get("batch", 0)
        scheduler_options = row.get("scheduler_options", {})
        if not isinstance(scheduler, str) or not (scheduler == "" or scheduler.isidentifier()) or not isinstance(scheduler_options, dict):
            raise DocumentProblem("“scheduler” is a name of torch.optim.lr_scheduler, “scheduler_options” an object")
        if not isinstance(batch, int) or isinstance(batch, bool) or not 0 <= batch <= 1_000_000:
            raise DocumentProblem("“batch” is a whole number from 0 on")
        return Training(
            loss if isinstance(loss, str) and loss in self.blocks else "",
            optimizer,
            {str(k): param_of(v) for k, v in options.items()},
            epochs,
            policy,
            every,
            row.get("to_none", True) is not False,
            scheduler,
            {str(k): param_of(v) for k, v in scheduler_options.items()},
            batch,
            ids_of(row, "moves", self.blocks),
            tuple(self._parts(row.get("others", []))),
            self._clip(row.get("clip", 0.0)),
            row.get("shuffle", False) is True,
        )

    def _clip(self, value: Any) -> float:
        clip = number_of(value, "clip")
        if not 0 <= clip < math.inf:
            raise DocumentProblem("“clip” is a length, or 0")
        return clip

    def _parts(self, rows: Any) -> Iterator[Part]:
        """The further losses and optimizers of a step."""
        if not isinstance(rows, list) or len(rows) > MOST_PARTS:
            raise DocumentProblem(f"“others” is a list of at most {MOST_PARTS} losses and optimizers")
        for k, row in enumerate(rows):
            part = self._try(row, self._part, "training.others", k)
            if part is not None:
                yield part

    def _part(self, row: dict[str, Any]) -> Part:
        loss, optimizer, options = text_of(row, "loss"), text_of(row, "optimizer"), row.get("options", {})
        if loss and loss not in self.blocks:
            raise DocumentProblem(f"there is no block {loss[:40]}")
        if not (optimizer == "" or optimizer.isidentifier()) or not isinstance(options, dict):
            raise DocumentProblem("“optimizer” is a name of torch.optim, “options” an object")
        return Part(loss, optimizer, {str(k): param_of(v) for k, v in options.items()}, ids_of(row, "moves", self.blocks))

    def _without_cycles(self, document: Document) -> Document:
        """Wires that close a circle are left out."""
        if len(ordered(document)) == len(document.blocks):
            return document
        cut = closing(document)
        for target, port in cut:
            self.left_out.append(f"the wire from {document.wires[target, port].source} to {target}.{port} would close a circle")
        return replace(document, wires={key: wire for key, wire in document.wires.items() if key not in cut})
