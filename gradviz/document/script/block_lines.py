"""The lines of a document's blocks: the tensors, the layers, and the calls that compute."""

from __future__ import annotations

from collections.abc import Mapping

from ..expression.calling import OPERATORS
from ..expression.indexing import AT, INDEX, show_index
from ..model import DRAWN, ENDED, REROUTE, Block, Document, Value
from ..palette.catalogue import Entry, entry
from ..run.evaluate import seed_of
from ..run.inference import arguments_of, infer
from ..sharing import owner
from .literals import exact_dtype, literal, numbers

LAYER = "_layer"  # how the name of a layer itself ends
DRAWS = "_draws"  # and of what a tensor is drawn from in each step


class Writer:
    """The lines so far, and which block stands in which."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.lines: dict[str, int] = {}

    def row(self, text: str, block: str = "") -> None:
        self.rows.append(text)
        if block:
            self.lines.setdefault(block, len(self.rows))


def forward_lines(out: Writer, document: Document, forward: list[Block], indent: str) -> None:
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


def tensor_line(out: Writer, block: Block, indent: str | None = None, rows: str = "") -> None:
    """The line that makes a tensor; in the loop of a training, at its `indent`, the one that draws it anew, with so many `rows`."""
    value = block.value or Value()
    grad = ", requires_grad=True" if block.requires_grad else ""
    dtype = "" if value.dtype == "float32" else f", dtype=torch.{value.dtype}"
    if value.source == "data":
        out.row(f"{block.name} = torch.tensor({numbers(value)}{exact_dtype(value)}{grad})", block.id)
        return
    stream = f", generator={block.name}{DRAWS}" if indent is not None else ""
    if value.source in DRAWN and not stream:
        out.row(f"torch.manual_seed({value.seed})")
    indent = indent or ""
    shape = ", ".join(map(str, (rows or value.shape[0], *value.shape[1:]) if value.shape else ()))
    if value.source in ENDED:
        low, high = (literal(int(v) if value.source == "randint" else v) for v in value.ends)
        sizes = f"({shape}{',' * (len(value.shape) == 1)})"
        if value.source == "uniform":
            made = f"torch.empty({sizes}{dtype}).uniform_({low}, {high}{stream})"
        else:
            usual = "int64" if value.source == "randint" else "float32"
            made = f"torch.{value.source}({low}, {high}, {sizes}{'' if value.dtype == usual else f', dtype=torch.{value.dtype}'}{stream})"
        out.row(f"{indent}{block.name} = {made}{'.requires_grad_()' if grad else ''}", block.id)
        return
    out.row(f"{indent}{block.name} = torch.{value.source}([{shape}]{dtype}{stream}{grad})", block.id)


def layer_name(block: Block) -> str:
    """What a layer itself is called; its result has the block's name."""
    return block.name + LAYER


def layer_lines(out: Writer, found: Entry, block: Block) -> None:
    """The lines that make a layer."""
    out.row(f"torch.manual_seed({seed_of(block)})")
    out.row(f"{layer_name(block)} = {construction(found, block)}", block.id)
    if block.state:
        rows = ", ".join(f'"{name}": torch.tensor({numbers(v)}{exact_dtype(v)})' for name, v in block.state.items())
        out.row(f"{layer_name(block)}.load_state_dict({{{rows}}})")


def construction(found: Entry, block: Block) -> str:
    """The call that makes a layer."""
    given = {s.name: f"{s.name}={literal(block.params[s.name])}" for s in found.settings if s.name in block.params}
    part = entry(f"nn.{found.inner}") if found.inner else None
    if part is None:
        return f"{block.op}({', '.join(given.values())})"
    held = ", ".join(given.pop(s.name) for s in part.settings if s.name in given)
    return f"{block.op}({', '.join([f'{part.op}({held})', *given.values()])})"


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
        return f"{layer_name(document.blocks[owner(document, block.id)])}({', '.join([*first, *(f'{k}={w}' for k, w in others.items())])})"
    if block.op in OPERATORS and not settings and len(words) == 2:
        left, right = (f"({w})" if w.startswith("-") else w for w in words.values())
        return f"{left} {OPERATORS[block.op][0]} {right}"
    if block.op == "torch.detach":
        return f"{next(iter(words.values()))}.detach()"
    if block.op == INDEX:
        return f"{words['input']}[{show_index(settings['index'], arguments.get(AT, ()))}]"
    words |= {k: literal(v) for k, v in settings.items()}
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
    return literal(value)  # type: ignore[arg-type]  # a number at a port
