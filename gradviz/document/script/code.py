"""A document as a PyTorch program: runnable as it stands, one line a block, so that a line and a node are one thing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from ..expression.calling import OPERATORS
from ..expression.indexing import AT, INDEX, show_index
from ..model import DRAWN, ENDED, REROUTE, TENSOR, Block, Document, Param, Value, ordered
from ..palette.catalogue import Entry, entry, may_draw
from ..run.evaluate import seed_of
from ..run.inference import arguments_of, infer
from ..run.parts import differentiated, is_movable, movable, moved, passes
from ..run.training import BY_CLOSURE, batched
from ..sharing import family, owner

LONGEST = 1000  # numbers of a tensor that are written out
_LAYER, _BATCH = "_layer", "_batch"  # how the names of a layer itself and of a step's rows of the data end
_DRAWS = "_draws"  # and of what a tensor is drawn from in each step


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
            self.lines.setdefault(block, len(self.rows))


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
    constructed: set[str] = set()
    for block in blocks:
        if block.op == TENSOR:
            if train and loss and block.value is not None and block.value.each_step:
                out.row(f"{block.name}{_DRAWS} = torch.Generator().manual_seed({block.value.seed})")
            else:
                _tensor(out, block)
        elif (found := entry(block.op)) is not None and found.layer and not block.muted:
            first = document.blocks[owner(document, block.id)]
            if first.id not in constructed:
                constructed.add(first.id)
                _construct(out, found, first)
    forward = [b for b in blocks if b.op != TENSOR]
    plan = document.training
    data = batched(document, loss) if train and loss and plan.batch else ()
    indent = ""
    draws = any(may_draw(b.op) for b in forward)
    schedulers: list[str] = []
    if train and loss:
        for k, part in enumerate(plan.parts):
            number = "" if k == 0 else str(k + 1)
            if part.optimizer:
                options = "".join(f", {k}={_literal(v)}" for k, v in part.options.items())
                out.row(f"optimizer{number} = torch.optim.{part.optimizer}([{_parameters(blocks, moved(document, part))}]{options})")
            if part.optimizer and plan.scheduler:
                options = "".join(f", {k}={_literal(v)}" for k, v in plan.scheduler_options.items())
                out.row(f"scheduler{number} = torch.optim.lr_scheduler.{plan.scheduler}(optimizer{number}{options})")
                schedulers.append(f"scheduler{number}")
        counted = plan.zero_grad in ("every", "accumulate") and plan.parts[0].optimizer != BY_CLOSURE
        if counted and (data or plan.others):
            out.row("steps = 0")
        out.row("")
        if draws:
            out.row("torch.manual_seed(0)")
        out.row(f"for epoch in range({plan.epochs}):")
        indent = "    "
        if data:
            names = [document.blocks[b].name for b in data]
            out.row(f"{indent}for start in range(0, len({names[0]}), {plan.batch}):")
            indent += "    "
            for block_id in data:
                whole = document.blocks[block_id]
                cut = replace(whole, name=whole.name + _BATCH)
                out.row(f"{indent}{cut.name} = {whole.name}[start : start + {plan.batch}]")
                document = document.with_block(cut)
        for block in blocks:
            if block.value is not None and block.value.each_step:
                _tensor(out, block, indent)
    else:
        if forward:
            out.row("")
        if draws:
            out.row("torch.manual_seed(0)")
    if train and loss and plan.others:
        _turn(out, document, loss, blocks, indent)
    elif train and loss and plan.optimizer == BY_CLOSURE:
        out.row(f"{indent}def closure():")
        out.row(f"{indent}    optimizer.zero_grad({'' if plan.to_none else 'set_to_none=False'})")
        _forward(out, document, forward, indent + "    ")
        _closed(out, document, document.blocks[loss], blocks, indent)
    else:
        _forward(out, document, forward, indent)
        if loss and loss in document.blocks:
            _end(out, document, document.blocks[loss], blocks, indent, train)
    for scheduler in schedulers:
        out.row(f"    {scheduler}.step()")
    return Code("\n".join(out.rows) + "\n", out.lines)


def _forward(out: _Writer, document: Document, forward: list[Block], indent: str) -> None:
    """The lines that compute some blocks."""
    quiet = {m for f in document.frames.values() if f.kind == "no_grad" for m in f.members}
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


def _left_free(document: Document) -> Document:
    """With the names that the program needs left to it: a tensor `h_layer` beside a layer `h`, an `x_batch` beside `x`, get a number."""
    names = {b.name for b in document.blocks.values()}
    needed = {b.name + (_BATCH if b.op == TENSOR else _LAYER) for b in document.blocks.values() if b.op == TENSOR or b.op.startswith("nn.")}
    needed |= {b.name + _DRAWS for b in document.blocks.values() if b.value is not None and b.value.each_step}
    for block in document.blocks.values():
        if block.name in needed:
            number = next(n for n in itertools.count(2) if f"{block.name}{n}" not in names | needed)
            names.add(f"{block.name}{number}")
            document = document.with_block(replace(block, name=f"{block.name}{number}"))
    return document


def _construct(out: _Writer, found: Entry, block: Block) -> None:
    """The lines that make a layer."""
    out.row(f"torch.manual_seed({seed_of(block)})")
    out.row(f"{_layer(block)} = {_construction(found, block)}", block.id)
    if block.state:
        rows = ", ".join(f'"{name}": torch.tensor({numbers(v)}{_exact_dtype(v)})' for name, v in block.state.items())
        out.row(f"{_layer(block)}.load_state_dict({{{rows}}})")


def _tensor(out: _Writer, block: Block, indent: str | None = None) -> None:
    """The line that makes a tensor; in the loop of a training, at its `indent`, the one that draws it anew."""
    value = block.value or Value()
    grad = ", requires_grad=True" if block.requires_grad else ""
    dtype = "" if value.dtype == "float32" else f", dtype=torch.{value.dtype}"
    if value.source == "data":
        out.row(f"{block.name} = torch.tensor({numbers(value)}{_exact_dtype(value)}{grad})", block.id)
        return
    stream = f", generator={block.name}{_DRAWS}" if indent is not None else ""
    if value.source in DRAWN and not stream:
        out.row(f"torch.manual_seed({value.seed})")
    indent = indent or ""
    if value.source in ENDED:
        low, high = (_literal(int(v) if value.source == "randint" else v) for v in value.ends)
        sizes = _literal(value.shape)
        if value.source == "uniform":
            made = f"torch.empty({sizes}{dtype}).uniform_({low}, {high}{stream})"
        else:
            usual = "int64" if value.source == "randint" else "float32"
            made = f"torch.{value.source}({low}, {high}, {sizes}{'' if value.dtype == usual else f', dtype=torch.{value.dtype}'}{stream})"
        out.row(f"{indent}{block.name} = {made}{'.requires_grad_()' if grad else ''}", block.id)
        return
    out.row(f"{indent}{block.name} = torch.{value.source}({list(value.shape)}{dtype}{stream}{grad})", block.id)


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


def _parameters(blocks: list[Block], moved: Collection[str]) -> str:
    leaves = [b.name for b in blocks if b.op == TENSOR and b.id in moved]
    return ", ".join(leaves + [f"*{_layer(b)}.parameters()" for b in blocks if b.op.startswith("nn.") and b.id in moved])


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
        return f"{_layer(document.blocks[owner(document, block.id)])}({', '.join([*first, *(f'{k}={w}' for k, w in others.items())])})"
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
    leaves = [b.name for b in blocks if b.op == TENSOR and b.requires_grad]
    kept = [b.name for b in blocks if b.retain_grad]
    out.row(f"{indent}{loss.name}.backward({_seed(document, loss)})")
    if not train:
        out.row(f'print("{loss.name}", {loss.name})')
        for name in leaves + kept:
            out.row(f'print("{name}.grad", {name}.grad)')
        return
    out.row(f"{indent}print(epoch, {_shown(document, loss)}{_leaf_grads(blocks)})")
    plan = document.training
    stepping = _stepping(document, blocks, 0) if plan.optimizer else []
    if plan.zero_grad != "accumulate":
        for row in stepping:
            out.row(indent + row)
    if plan.zero_grad == "never":
        return
    if plan.zero_grad in ("every", "accumulate"):
        steps = "steps" if batched(document, loss.id) and plan.batch else "(epoch + 1)"
        if steps == "steps":
            out.row(f"{indent}steps += 1")
        out.row(f"{indent}if {steps} % {max(plan.every, 1)} == 0:")
        indent += "    "
    if plan.zero_grad == "accumulate":
        for row in stepping:
            out.row(indent + row)
    if plan.optimizer:
        out.row(f"{indent}optimizer.zero_grad({'' if plan.to_none else 'set_to_none=False'})")
        return
    reached = differentiated(document, loss.id)
    for block in blocks:
        if block.id in reached and is_movable(block) and block.op == TENSOR:
            out.row(f"{indent}{block.name}.grad = None" if plan.to_none else f"{indent}{block.name}.grad.zero_()")
        elif block.op.startswith("nn.") and is_movable(block) and not reached.isdisjoint(family(document, block.id)):
            out.row(f"{indent}{_layer(block)}.zero_grad({'' if plan.to_none else 'set_to_none=False'})")


def _closed(out: _Writer, document: Document, loss: Block, blocks: list[Block], indent: str) -> None:
    """The end of a closure, and the step that calls it."""
    out.row(f"{indent}    {loss.name}.backward({_seed(document, loss)})")
    out.row(f"{indent}    return {loss.name}")
    out.row("")
    out.row(f"{indent}{loss.name} = optimizer.step(closure)")
    out.row(f"{indent}print(epoch, {_shown(document, loss)}{_leaf_grads(blocks)})")


def _turn(out: _Writer, document: Document, loss: str, blocks: list[Block], indent: str) -> None:
    """A step with several losses or optimizers."""
    plan = document.training
    there = {b.id: b for b in blocks}
    every = max(plan.every, 1) if plan.zero_grad in ("every", "accumulate") else 1
    inner = indent + "    " * (every > 1)
    none = "" if plan.to_none else "set_to_none=False"

    def names(steps: Iterable[int]) -> list[str]:
        return [f"optimizer{k + 1 if k else ''}" for k in steps]

    def under(condition: str, rows: list[str]) -> None:
        if rows and every > 1:
            out.row(f"{indent}if {condition}:")
        for row in rows:
            out.row(inner + row)

    told = []
    if plan.zero_grad != "never" and not any(part.optimizer for part in plan.parts):
        moving = [there[b] for b in movable(document) if b in there]
        rows = [f"{b.name}.grad = None" if b.op == TENSOR else f"{_layer(b)}.zero_grad({none})" for b in moving]
        under(f"steps % {every} == 0", rows)
    for part in passes(document, loss):
        _forward(out, document, [there[b] for b in part.runs if b in there], indent)
        if plan.zero_grad != "never":
            under(f"steps % {every} == 0", [f"{name}.zero_grad({none})" for name in names(part.steps)])
        for end, keep in part.losses:
            seed = _seed(document, there[end])
            out.row(f"{indent}{there[end].name}.backward({', '.join(filter(None, (seed, 'retain_graph=True' * keep)))})")
            told.append(_shown(document, there[end]))
        rows = [row for k in part.steps for row in _stepping(document, blocks, k)]
        if plan.zero_grad == "accumulate":
            under(f"(steps + 1) % {every} == 0", rows)
        else:
            for row in rows:
                out.row(indent + row)
    if plan.zero_grad in ("every", "accumulate"):
        out.row(f"{indent}steps += 1")
    out.row(f"{indent}print(epoch, {', '.join(told)}{_leaf_grads(blocks)})")


def _stepping(document: Document, blocks: list[Block], k: int) -> list[str]:
    """The lines of an optimizer's step."""
    plan = document.training
    step = f"optimizer{k + 1 if k else ''}.step()"
    if not plan.clip:
        return [step]
    return [f"torch.nn.utils.clip_grad_norm_([{_parameters(blocks, moved(document, plan.parts[k]))}], {_literal(plan.clip)})", step]


def _seed(document: Document, loss: Block) -> str:
    """What backward begins with where the loss is no single number."""
    spec = infer(document)[loss.id].spec
    return "" if spec is None or all(n == 1 for n in spec.shape) else f"torch.ones_like({loss.name})"


def _shown(document: Document, loss: Block) -> str:
    """The number of a loss, with the digits that float32 holds: two machines may differ in those after."""
    return f'f"{{{loss.name}{".sum()" if _seed(document, loss) else ""}.item():.6g}}"'


def _leaf_grads(blocks: list[Block]) -> str:
    return "".join(f", {b.name}.grad" for b in blocks if b.op == TENSOR and b.requires_grad)
