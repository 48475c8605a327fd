"""A document as a PyTorch program: runnable as it stands, one line a block, so that a line and a node are one thing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..expression.calling import OPERATORS
from ..expression.indexing import AT, INDEX, show_index
from ..model import DRAWN, ENDED, REROUTE, TENSOR, Block, Document, Param, Value, ordered
from ..palette.catalogue import Entry, entry, may_draw
from ..run.evaluate import seed_of
from ..run.inference import arguments_of, infer
from ..run.training import batched
from ..wires import links, reach

LONGEST = 1000  # numbers of a tensor that are written out
_LAYER, _BATCH = "_layer", "_batch"  # how the names of a layer itself and of a step's rows of the data end


@dataclass(frozen=True, slots=True)
class Code:
    """The text, and for each block the number of its line (from 1)."""

    text: str
    lines: dict[str, int]

    def block_at(self, line: int) -> str:
        """The block that a line stands for, "" for none."""
        return next((b for b, n in self.lines.items() if n == line), "")


class _Writer:
    def __init__(self) -> None:
        self.rows: list[str] = []
        self.lines: dict[str, int] = {}

    def row(self, text: str, block: str = "") -> None:
        self.rows.append(text)
        if block:
            self.lines[block] = len(self.rows)


def to_code(document: Document, loss: str = "", *, train: bool = False) -> Code:
    """The program of a document.

    Args:
        loss: the block that backward begins at ("" for the forward pass alone).
        train: with the loop of epochs that the training panel is set to.
    """
    out = _Writer()
    document = _left_free(document)
    made: set[str] = set()
    for block_id in ordered(document):
        reads = (wire.source for wire in document.inputs(block_id).values())
        if not _incomplete(document, document.blocks[block_id]) and made.issuperset(reads):  # of what is not there nothing can be made
            made.add(block_id)
    order = [b for b in ordered(document) if b in made]
    blocks = [document.blocks[b] for b in order]
    uses = [b for b in blocks if b.op != TENSOR]
    out.row("import torch")
    if any(b.op.startswith("F.") for b in uses):
        out.row("import torch.nn.functional as F")
    if any(b.op.startswith("nn.") for b in uses):
        out.row("from torch import nn")
    out.row("")
    for block in blocks:
        if block.op == TENSOR:
            _tensor(out, block)
        elif (found := entry(block.op)) is not None and found.layer and not block.muted:
            out.row(f"torch.manual_seed({seed_of(block)})")
            out.row(f"{_layer(block)} = {_construction(found, block)}", block.id)
            if block.state:
                rows = ", ".join(f'"{name}": torch.tensor({numbers(v)}{_exact_dtype(v)})' for name, v in block.state.items())
                out.row(f"{_layer(block)}.load_state_dict({{{rows}}})")
    quiet = {m for f in document.frames.values() if f.kind == "no_grad" for m in f.members}
    forward = [b for b in blocks if b.op != TENSOR]
    plan = document.training
    data = batched(document, loss) if train and loss and plan.batch else ()
    indent = ""
    if train and loss:
        if plan.optimizer:
            options = "".join(f", {k}={_literal(v)}" for k, v in plan.options.items())
            out.row(f"optimizer = torch.optim.{plan.optimizer}([{_parameters(blocks)}]{options})")
        if plan.optimizer and plan.scheduler:
            options = "".join(f", {k}={_literal(v)}" for k, v in plan.scheduler_options.items())
            out.row(f"scheduler = torch.optim.lr_scheduler.{plan.scheduler}(optimizer{options})")
        if plan.zero_grad in ("every", "accumulate") and data:
            out.row("steps = 0")
        out.row("")
        out.row(f"for epoch in range({plan.epochs}):")
        indent = "    "
        if data:
            names = [document.blocks[b].name for b in data]
            out.row(f"{indent}for start in range(0, len({names[0]}), {plan.batch}):")
            indent += "    "
            for block_id in data:
                whole = document.blocks[block_id]
                part = replace(whole, name=whole.name + _BATCH)
                out.row(f"{indent}{part.name} = {whole.name}[start : start + {plan.batch}]")
                document = document.with_block(part)
    elif forward:
        out.row("")
    if any(may_draw(b.op) for b in forward):
        out.row(f"{indent}torch.manual_seed(0)")
    paths = {b: known.paths for b, known in infer(document).items() if any(known.paths)}
    several = {b: found for b, found in paths.items() if len(found) > 1}
    inside = False
    for block in forward:
        if (block.id in quiet) != inside:
            inside = not inside
            if inside:
                out.row(f"{indent}with torch.no_grad():")
        only = paths[block.id][0] if block.id in paths and block.id not in several else ""  # a row of one tensor
        out.row(f"{indent}{'    ' if inside else ''}{block.name} = {_call(document, block, several)}{only}", block.id)
        if block.retain_grad:
            out.row(f"{indent}{block.name}.retain_grad()")
    if loss and loss in document.blocks:
        _end(out, document, document.blocks[loss], blocks, indent, train)
        if train and plan.optimizer and plan.scheduler:
            out.row("    scheduler.step()")
    return Code("\n".join(out.rows) + "\n", out.lines)


def _left_free(document: Document) -> Document:
    """With the names that the program needs left to it: a tensor `h_layer` beside a layer `h`, an `x_batch` beside `x`, get a number."""
    names = {b.name for b in document.blocks.values()}
    needed = {b.name + (_BATCH if b.op == TENSOR else _LAYER) for b in document.blocks.values() if b.op == TENSOR or b.op.startswith("nn.")}
    for block in document.blocks.values():
        if block.name in needed:
            number = next(n for n in itertools.count(2) if f"{block.name}{n}" not in names | needed)
            names.add(f"{block.name}{number}")
            document = document.with_block(replace(block, name=f"{block.name}{number}"))
    return document


def _tensor(out: _Writer, block: Block) -> None:
    value = block.value or Value()
    grad = ", requires_grad=True" if block.requires_grad else ""
    dtype = "" if value.dtype == "float32" else f", dtype=torch.{value.dtype}"
    if value.source == "data":
        out.row(f"{block.name} = torch.tensor({numbers(value)}{_exact_dtype(value)}{grad})", block.id)
        return
    if value.source in DRAWN:
        out.row(f"torch.manual_seed({value.seed})")
    if value.source in ENDED:
        low, high = (_literal(int(v) if value.source == "randint" else v) for v in value.ends)
        sizes = _literal(value.shape)
        if value.source == "uniform":
            made = f"torch.empty({sizes}{dtype}).uniform_({low}, {high})"
        else:
            usual = "int64" if value.source == "randint" else "float32"
            made = f"torch.{value.source}({low}, {high}, {sizes}{'' if value.dtype == usual else f', dtype=torch.{value.dtype}'})"
        out.row(f"{block.name} = {made}{'.requires_grad_()' if grad else ''}", block.id)
        return
    out.row(f"{block.name} = torch.{value.source}({list(value.shape)}{dtype}{grad})", block.id)


def _exact_dtype(value: Value) -> str:
    return "" if value.dtype == "float32" and value.data else f", dtype=torch.{value.dtype}"


def numbers(value: Value) -> str:
    """The numbers of a tensor as nested lists."""
    flat = [_literal(_typed(v, value.dtype)) for v in value.data]
    if not value.shape:
        return flat[0] if flat else "0.0"
    for size in reversed(value.shape[1:]):
        flat = [f"[{', '.join(flat[k : k + size])}]" for k in range(0, len(flat), size)] if size else []
    return f"[{', '.join(flat)}]"


def _typed(number: float, dtype: str) -> Param:
    if dtype == "bool":
        return bool(number)
    return int(number) if dtype == "int64" else float(number)


def _literal(value: Param) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, float):
        short = f"{value:.7g}"
        return _pointed(short) if float(short) == value else repr(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def _pointed(text: str) -> str:
    return text if any(c in text for c in ".en") else text + ".0"


def _layer(block: Block) -> str:
    return block.name + _LAYER


def _parameters(blocks: list[Block]) -> str:
    leaves = [b.name for b in blocks if b.op == TENSOR and b.requires_grad]
    return ", ".join(leaves + [f"*{_layer(b)}.parameters()" for b in blocks if b.op.startswith("nn.") and not b.muted])


def _construction(found: Entry, block: Block) -> str:
    """The call that makes a layer."""
    given = {s.name: f"{s.name}={_literal(block.params[s.name])}" for s in found.settings if s.name in block.params}
    part = entry(f"nn.{found.inner}") if found.inner else None
    if part is None:
        return f"{block.op}({', '.join(given.values())})"
    held = ", ".join(given.pop(s.name) for s in part.settings if s.name in given)
    return f"{block.op}({', '.join([f'{part.op}({held})', *given.values()])})"


def _incomplete(document: Document, block: Block) -> bool:
    """Whether a block has nothing to run: no such op, or nothing at an input."""
    if block.op == TENSOR:
        return block.value is None
    found = entry(block.op)
    if found is None:
        return True
    wires = document.inputs(block.id)
    if block.op == REROUTE or block.muted:
        return not wires
    return bool(arguments_of(found, block, dict(wires))[2])


def _call(document: Document, block: Block, several: Mapping[str, tuple[str, ...]]) -> str:
    found = entry(block.op)
    sources: dict[str, str] = {}
    for port, wire in document.inputs(block.id).items():
        name = document.blocks[wire.source].name
        paths = several.get(wire.source, ())
        sources[port] = name + (paths[wire.output] if wire.output < len(paths) else "")
    if found is None or block.op == REROUTE or block.muted:
        return next(iter(sources.values()))
    given: dict[str, str] = dict(sources)
    arguments, settings, _ = arguments_of(found, block, given)
    words = {k: _argument(v, sources) for k, v in arguments.items()}
    if found.layer:
        words |= {k: f"({w[1:-1]}{',' if ',' not in w else ''})" for k, w in words.items() if (p := found.port(k)) is not None and p.many}
        first, others = found.in_call(words)
        return f"{_layer(block)}({', '.join([*first, *(f'{k}={w}' for k, w in others.items())])})"
    if block.op in OPERATORS and not settings and len(words) == 2:
        left, right = (f"({w})" if w.startswith("-") else w for w in words.values())
        return f"{left} {OPERATORS[block.op][0]} {right}"
    if block.op == "torch.detach":
        return f"{next(iter(words.values()))}.detach()"
    if block.op == INDEX:
        return f"{words['input']}[{show_index(settings['index'], arguments.get(AT, ()))}]"
    words |= {k: _literal(v) for k, v in settings.items()}
    required: list[str] = []
    for parameter in found.places:
        place = found.port(parameter)
        if parameter not in words or (parameter not in found.order and place is None):
            break
        starred = place is not None and place.star
        required.append(words.pop(parameter)[1:-1] if starred else words.pop(parameter))
    rows = [*required, *(f"{k}={v}" for k, v in words.items())]
    if block.op.startswith("Tensor."):
        return f"{rows[0]}.{found.title}({', '.join(rows[1:])})"
    return f"{block.op}({', '.join(rows)})"


def _argument(value: object, sources: dict[str, str]) -> str:
    if isinstance(value, tuple) and all(isinstance(v, str) and v in sources.values() for v in value):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, str) and value in sources.values():
        return value
    return _literal(value)  # type: ignore[arg-type]  # a number at a port


def _end(out: _Writer, document: Document, loss: Block, blocks: list[Block], indent: str, train: bool) -> None:
    """Backward, and what is printed."""
    spec = infer(document)[loss.id].spec
    single = spec is None or all(n == 1 for n in spec.shape)
    leaves = [b.name for b in blocks if b.op == TENSOR and b.requires_grad]
    kept = [b.name for b in blocks if b.retain_grad]
    out.row(f"{indent}{loss.name}.backward({'' if single else f'torch.ones_like({loss.name})'})")
    if not train:
        out.row(f'print("{loss.name}", {loss.name})')
        for name in leaves + kept:
            out.row(f'print("{name}.grad", {name}.grad)')
        return
    number = f"{loss.name}.item()" if single else f"{loss.name}.sum().item()"
    shown = f'f"{{{number}:.6g}}"'  # what float32 holds: two machines may differ in the digits after
    out.row(f"{indent}print(epoch, {shown}{''.join(f', {n}.grad' for n in leaves)})")
    plan = document.training
    if plan.optimizer and plan.zero_grad != "accumulate":
        out.row(f"{indent}optimizer.step()")
    if plan.zero_grad == "never":
        return
    if plan.zero_grad in ("every", "accumulate"):
        steps = "steps" if batched(document, loss.id) and plan.batch else "(epoch + 1)"
        if steps == "steps":
            out.row(f"{indent}steps += 1")
        out.row(f"{indent}if {steps} % {max(plan.every, 1)} == 0:")
        indent += "    "
    if plan.optimizer and plan.zero_grad == "accumulate":
        out.row(f"{indent}optimizer.step()")
    if plan.optimizer:
        out.row(f"{indent}optimizer.zero_grad({'' if plan.to_none else 'set_to_none=False'})")
        return
    moved = _differentiated(document, loss.id)
    for block in blocks:
        if block.id in moved and block.op == TENSOR and block.requires_grad:
            out.row(f"{indent}{block.name}.grad = None" if plan.to_none else f"{indent}{block.name}.grad.zero_()")
        elif block.id in moved and block.op.startswith("nn.") and not block.muted:
            out.row(f"{indent}{_layer(block)}.zero_grad({'' if plan.to_none else 'set_to_none=False'})")


def _differentiated(document: Document, loss: str) -> set[str]:
    """The blocks that backward comes to."""
    quiet = {m for f in document.frames.values() if f.kind == "no_grad" for m in f.members}
    ends = {b.id for b in document.blocks.values() if b.op == "torch.detach" or b.id in quiet}
    sources = links(document.wires).sources
    return reach((loss,), lambda block: () if block in ends else sources(block)) - ends
