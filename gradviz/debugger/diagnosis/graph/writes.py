"""In-place writes: of what a node has kept for backward, and of leaves."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...words.names import node_title
from ..finding import Diagnosis, Fix, bound, last_of_line, maker, replaced, source_line
from .freed import way_back

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun


_INPLACE = re.compile(r",\s*inplace\s*=\s*True\b")
_INPLACE_LAYER = re.compile(r"(\bnn\.[A-Z]\w*\([^()]*?)(?:,\s*)?inplace\s*=\s*True\b")
_SHAPE = re.compile(r"Tensor \[([\d, ]*)\]")
_WHOLE_LAYER = "MkldnnRnnLayerBackward0"  # PyTorch's node of an LSTM keeps all weights
_MAX_NORM = re.compile(r"\bmax_norm\s*=")
_VIEWS = 6  # of each other
_WHO = {"copy_slices": "the assignment to a part of it"}
_NEW = {
    "zero": "torch.zeros_like({name})",
    "fill": "torch.full_like({name}, {arguments})",
    "copy": "({arguments}).clone()",
    "normal": "torch.randn_like({name})",
    "uniform": "torch.rand_like({name})",
}  # in-place calls whose names have no twin without the underscore


def overwritten(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """Saved, then written, then read: PyTorch tells the first and the last, users look for the second."""
    found = re.search(r"is at version (\d+); expected version (\d+)", text)
    if found is None:
        return None
    now, then = int(found[1]), int(found[2])
    trace, columns = run.trace, run.columns
    every = [trace.event(row) for row in np.flatnonzero(columns.kind == int(Kind.SAVE)).tolist()]
    writers = np.flatnonzero(np.isin(columns.kind, (int(Kind.INPLACE_WRITE), int(Kind.OPTIMIZER_STEP)))).tolist()
    shape = _SHAPE.search(text)
    told = tuple(map(int, shape[1].split(","))) if shape is not None and shape[1] else ()
    saves = _of_told_shape(run, told, every)
    layer = None if saves else _kept_by_layer(run, told, (now, then), writers)
    if layer is not None:
        return _written(run, *layer, line)
    saves = saves or every
    for save in reversed([s for s in saves if s.detail.get("version") == then and s.reads]):
        location = save.reads[0].location
        mine = [trace.event(row) for row in writers if row > save.index and any(w.location == location for w in trace.event(row).writes)]
        if mine and mine[-1].writes[0].version == now:
            return _written(run, save, mine[0], line)
    written = {row: {_whole(run, ref.location) for ref in trace.event(row).writes[:1]} for row in writers}
    for save in reversed(
        [s for s in saves if s.detail.get("version") == then and s.reads]
    ):  # a view was kept, such as the transpose of a weight
        whole = _whole(run, save.reads[0].location)
        mine = [trace.event(row) for row in writers if row > save.index and whole in written[row]]
        if mine and mine[-1].writes[0].version == now:
            return _written(run, save, mine[0], line)
    later = [trace.event(row) for row in writers if any(s.index < row for s in saves)]
    return _written(run, saves[-1], later[-1], line) if saves and later else None


def _shape(run: RecordedRun, value: int) -> tuple[int, ...] | None:
    return run.recording.form(value)[0] if value >= 0 else None


def _of_told_shape(run: RecordedRun, told: tuple[int, ...], saves: list[Event]) -> list[Event]:
    """Those saves whose value has the shape that PyTorch tells, or is the transpose of such a weight."""
    return [s for s in saves if s.reads and _shape(run, s.reads[0].value) in (told, told[::-1])]


def _kept_by_layer(run: RecordedRun, told: tuple[int, ...], versions: tuple[int, int], writers: list[int]) -> tuple[Event, Event] | None:
    """A whole layer that keeps its weights, as if it had told of the one of that shape, and the first write after it; None without one."""
    trace, (now, then) = run.trace, versions
    layers = {site.index for site in run.recording.sites if site.grad_fn == _WHOLE_LAYER}
    made = (
        [row for row in np.flatnonzero(run.columns.kind == int(Kind.OP)).tolist() if int(run.columns.site[row]) in layers] if layers else []
    )
    for write in map(trace.event, reversed(writers if made else [])):
        for ref in write.writes:
            if ref.version == now and _shape(run, ref.value) == told:
                first = trace.writes(ref.location)[then - now :][0]
                row = next((row for row in reversed(made) if row < first), None)
                if row is not None:
                    return replace(trace.event(row), reads=(ref,)), trace.event(first)
    return None


def _taken_over(run: RecordedRun, save: Event) -> Event | None:
    """What reads a result of an earlier turn on the way of the pass that failed, where the value was kept in that turn; None elsewhere."""
    begins = np.flatnonzero(run.columns.kind == int(Kind.BACKWARD_BEGIN))
    begin = run.trace.event(int(begins[-1])) if len(begins) else None
    if begin is None or save.step >= begin.step:
        return None
    return next((one for one, other in way_back(run, begin) if other.step < one.step and one.kind in (Kind.OP, Kind.VIEW)), None)


def _whole(run: RecordedRun, location: int) -> int:
    """The location of the tensor of which another one is a view, itself where it is none."""
    trace = run.trace
    for _ in range(_VIEWS):
        rows = trace.writes(location)
        event = trace.event(rows[0]) if rows else None
        if event is None or event.kind != Kind.VIEW or not event.reads:
            break
        location = event.reads[0].location
    return location


def _written(run: RecordedRun, save: Event, write: Event, line: int) -> Diagnosis:
    trace, recording = run.trace, run.recording
    keeper = recording.sites[save.site]
    by_optimizer = write.kind == Kind.OPTIMIZER_STEP
    whole = _whole(run, save.reads[0].location) if by_optimizer else save.reads[0].location  # the weight itself, not its transpose
    tensor = trace.site_of_tensor(trace.tensor_of(whole))
    name = node_title(trace, recording.sites[tensor]) if tensor >= 0 else str(save.detail.get("name", "a value"))
    who = (
        f"{write.detail.get('optimizer', 'the optimizer')}.step()"
        if by_optimizer
        else "inplace=True"
        if _INPLACE.search(source_line(run, write.line)) or _INPLACE_LAYER.search(source_line(run, write.line))
        else _WHO.get(op := str(write.detail.get("op", "write")), f"the in-place {op}")
    )
    sentence = (
        f"{keeper.grad_fn} (line {keeper.line}) kept {name} for the backward pass; {who} in line {write.line} overwrote it; "
        f"backward() in line {line} needs the old numbers."
    )
    fix, advice = None, ""
    taken = _taken_over(run, save) if by_optimizer else None
    if taken is not None:
        return Diagnosis(
            "in-place write",
            f"{sentence} The pass goes back into an earlier turn of the loop, by what line {taken.line} takes over from it with its graph.",
            taken.index, tuple(dict.fromkeys(s for s in (taken.site, save.site) if s >= 0)), None,
            "Keep numbers in what outlives a turn (loss.item(), or detach()), and call backward() on what this turn has computed.", taken.line,
        )  # fmt: skip
    if by_optimizer:
        advice = "Compute the loss again after step(): each backward() wants the parameters that its own forward pass saw."
    else:
        shortened = _shortened(run, keeper.line, write)
        if shortened is not None:
            said, fix = shortened
            return Diagnosis(
                "in-place write", f"{sentence} {said}", write.index, tuple(dict.fromkeys(s for s in (write.site, save.site) if s >= 0)), fix,
                "Copy the weight before it is used: embedding.weight.clone().", fix.line if fix is not None else write.line,
            )  # fmt: skip
        fix = _mended(run, save, write) or _layer_mended(run, write)
        advice = "" if fix else "Write the result into a new tensor instead of overwriting the old one."
    return Diagnosis(
        "in-place write", sentence, write.index, tuple(dict.fromkeys(s for s in (tensor if by_optimizer else write.site, save.site) if s >= 0)), fix, advice
    )  # fmt: skip


def _shortened(run: RecordedRun, kept: int, write: Event) -> tuple[str, Fix | None] | None:
    """What to say, and a copy in the line that kept the weight, where an embedding with max_norm writes at its call; None elsewhere."""
    made = next((number for number, text in enumerate(run.recording.source.splitlines(), 1) if _MAX_NORM.search(text)), 0)
    line = source_line(run, write.line)
    if not made or out_of_place(line) or _INPLACE.search(line) or write.detail.get("op") not in ("copy", "copy_slices", "embedding_renorm"):
        return None
    fix = replaced(run, kept, r"\.weight\b(?!\.clone)", ".weight.clone()") if kept != write.line else None
    return f"The embedding of line {made} has a max_norm: each call shortens the rows that are too long, in place.", fix


def _mended(run: RecordedRun, save: Event, write: Event) -> Fix | None:
    """A change after which the same numbers are computed: a new tensor for the name, or, where others see the write, a copy of all before it."""
    before = source_line(run, write.line)
    if _INPLACE.search(before):
        return Fix(write.line, before, without_inplace(before))
    part = re.match(r"^(\s*)([A-Za-z_]\w*)\[.*\]\s*(?:[-+*/@]|\*\*|//)?=(?!=)", before)
    if part is not None:
        return Fix(write.line, before, f"{part[1]}{part[2]} = {part[2]}.clone()\n{before}")
    after = out_of_place(before)
    name = re.match(r"\s*([A-Za-z_]\w*)", before)
    view = _view_of(run, name[1], write) if name is not None else None
    if view is None or not after:
        return Fix(write.line, before, after) if after else None
    seen = source_line(run, view.line)  # `first = h[:, :3]`: what is written into `first` is to be in `h`, too
    base = _name_at(run, view.reads[0].location)
    if view.index < save.index and base and before == before.lstrip() and not _named_after(run, base, write.line):
        return Fix(write.line, before, after)  # nobody looks at `h` any more
    if view.index < save.index or view.line == write.line or not base or not re.search(rf"(?<![\w.]){re.escape(base)}\b", seen):
        return None
    indent = seen[: len(seen) - len(seen.lstrip())]
    return Fix(view.line, seen, f"{indent}{base} = {base}.clone()\n{seen}")


def _layer_mended(run: RecordedRun, write: Event) -> Fix | None:
    """The one line of a script that makes a layer with inplace=True, where a call of a layer wrote: nn.ReLU(inplace=True)."""
    lines = run.recording.source.splitlines()
    made = [number for number, text in enumerate(lines, 1) if _INPLACE_LAYER.search(text)]
    if len(made) != 1 or not re.search(r"\w\(", source_line(run, write.line)) or re.search(r"_\(", source_line(run, write.line)):
        return None
    before = lines[made[0] - 1]
    return Fix(made[0], before, _INPLACE_LAYER.sub(r"\1", before))


def without_inplace(line: str) -> str:
    """A call without its inplace=True, whose result takes the name of what it was given: `F.relu(h, inplace=True)`, `h = F.relu(h)`."""
    after = _INPLACE.sub("", line)
    alone = re.match(r"^(\s*)([A-Za-z_][\w.]*\(\s*([A-Za-z_]\w*)\b.*)$", after)
    return f"{alone[1]}{alone[3]} = {alone[2]}" if alone is not None else after


def _named_after(run: RecordedRun, name: str, line: int) -> bool:
    """Whether the text names a variable behind a line."""
    rest = run.recording.source.splitlines()[line:]
    return any(re.search(rf"(?<![\w.]){re.escape(name)}\b", text) for text in rest)


def _view_of(run: RecordedRun, name: str, write: Event) -> Event | None:
    """The event that made what a name is bound to as a view of another tensor, None where it is none."""
    found = bound(run, name, write.index)
    rows = run.trace.writes(found.reads[0].location) if found is not None and found.reads else []
    event = run.trace.event(rows[0]) if rows else None
    return event if event is not None and event.kind == Kind.VIEW and event.reads else None


def _name_at(run: RecordedRun, location: int) -> str:
    """What the script calls a tensor, "" where it has no variable."""
    site = run.trace.site_of_tensor(run.trace.tensor_of(location))
    name = run.recording.sites[site].name if site >= 0 else ""
    return name if name and name.isidentifier() else ""


def out_of_place(line: str) -> str:
    """The statement without its in-place write; "" where that is not one of the usual forms."""
    augmented = re.match(r"^(\s*)([A-Za-z_]\w*)\s*([-+*/@]|\*\*|//)=\s*(.+)$", line)
    if augmented:
        indent, name, operator, value = augmented.groups()
        value = value if re.fullmatch(r"[\w.]+", value) else f"({value})"
        return f"{indent}{name} = {name} {operator} {value}"
    method = re.match(r"^(\s*)([A-Za-z_]\w*)\.([a-z]\w*[a-z0-9])_\((.*)\)\s*$", line)
    if method:
        indent, name, called, arguments = method.groups()
        if called in _NEW:
            return f"{indent}{name} = {_NEW[called].format(name=name, arguments=arguments)}"
        return f"{indent}{name} = {name}.{called}({arguments})"
    return ""


def leaf_in_place(run: RecordedRun, text: str, line: int) -> Diagnosis:
    before = source_line(run, line)
    indent = before[: len(before) - len(before.lstrip())]
    what = "A view of a leaf" if "view of a leaf" in text else "A leaf"
    fix = Fix(line, before, f"{indent}with torch.no_grad():\n{indent}    {before.strip()}") if before.strip() else None
    written = re.match(r"\s*([A-Za-z_]\w*)", before)
    made = maker(run, written[1]) if written is not None else None
    failed = np.flatnonzero(run.columns.kind == int(Kind.ERROR)).tolist()
    return Diagnosis(
        "leaf in place",
        f"{what} that requires grad is overwritten in line {line}. If that were recorded, the tensor would have a history and be no leaf any more: "
        "its .grad would have no place.",
        failed[-1] if failed else -1,
        (made.site,) if made is not None and made.site >= 0 else (),
        fix,
        "Inside no_grad the write is not recorded: so optimizers do it.",
    )


def view_of_a_function(run: RecordedRun, _text: str, line: int) -> Diagnosis:
    """A layer with inplace=True behind a backward hook, or a write into what a Function of the script gave back as it was."""
    source, before = run.recording.source, source_line(run, line)
    hooks = [number for number, text in enumerate(source.splitlines(), 1) if "register_full_backward" in text]
    layers = [number for number, text in enumerate(source.splitlines(), 1) if _INPLACE_LAYER.search(text)]
    fix = None
    if _INPLACE.search(before):
        fix = Fix(line, before, without_inplace(before))
    elif out_of_place(before):
        fix = Fix(line, before, out_of_place(before))
    elif len(layers) == 1:
        made = source_line(run, layers[0])
        fix = Fix(layers[0], made, _INPLACE_LAYER.sub(r"\1", made))
    why = (
        f"a full backward hook (line {hooks[0]}) hands on what its module gives as a view of it, to see the gradient that comes back"
        if hooks
        else "the forward of a Function gave back one of its inputs, or a view of one"
    )
    return Diagnosis(
        "written behind a function", f"Line {line} writes in place into something that a Function has given: {why}. After the write that gradient would be one of other numbers.",
        last_of_line(run, line), fix=fix, advice="Compute a new tensor: a layer without inplace=True, x = x + 1 in the place of x += 1; in a Function of one's own return x.clone().", line=fix.line if fix is not None else line,
    )  # fmt: skip
