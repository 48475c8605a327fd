"""Roots that are no single number, numpy, whole numbers, unused inputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...recording.event import Event, Kind, Phase
from ..words.names import node_title
from .finding import Diagnosis, Fix, bound, replaced, source_line

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun

_SCALING = frozenset({"neg", "mul", "div", "sum", "view", "squeeze", "select"})
_CUTTING = frozenset({"slice", "select", "unsqueeze", "squeeze", "view", "reshape", "split", "chunk", "unbind", "t", "transpose", "index"})


def not_scalar(run: RecordedRun, _text: str, line: int) -> Diagnosis:
    before = source_line(run, line)
    called = re.search(r"([A-Za-z_]\w*)\.backward\(\s*\)", before)
    name = called[1] if called else "the tensor"
    node = next((n for n in reversed(run.graph().nodes) if called and n.title == called[1]), None)
    shape = f" of shape {tuple(node.shape)}" if node is not None else ""
    fix = Fix(line, before, before.replace(f"{name}.backward()", f"{name}.sum().backward()", 1)) if called else None
    return Diagnosis(
        "not scalar",
        f"{name} is a tensor{shape}: a gradient is of one number. backward() needs to know the weight of each element (the vector of the "
        "vector-Jacobian product).",
        -1, (node.id,) if node is not None else (), fix, f"Reduce it first ({name}.sum() or .mean()), or give {name}.backward(gradient=v) with v of its shape.",
        line,
    )  # fmt: skip


def numpy(run: RecordedRun, _text: str, line: int) -> Diagnosis:
    """numpy shares the memory, and would write where autograd does not see it."""
    fix = replaced(run, line, r"\.numpy\(\)", ".detach().numpy()") or replaced(
        run, line, r"\bnp\.(\w+)\(([A-Za-z_]\w*)", r"np.\1(\2.detach().numpy()"
    )
    return Diagnosis(
        "numpy",
        "numpy would share the memory, and autograd would not see what is written there: the history has to be cut first.",
        fix=fix, advice="x.detach().numpy() gives the numbers without the history.",
    )  # fmt: skip


def integers(run: RecordedRun, _text: str, line: int) -> Diagnosis:
    before = source_line(run, line)
    after = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"\1.0", before, count=1) if "tensor(" in before else ""
    fix = Fix(line, before, after) if after and after != before else None
    return Diagnosis(
        "integer leaf",
        "Whole numbers have no slope: a gradient needs a floating dtype.",
        fix=fix,
        advice="Write 1.0 and not 1, or dtype=torch.float32.",
        line=line,
    )


def anomaly(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """What detect_anomaly stopped: the forward line of the node whose backward gave nan."""
    found = re.search(r"Function '(\w+)' returned nan values", text)
    site = next((s for s in reversed(run.recording.sites) if found is not None and s.grad_fn == found[1]), None)
    if found is None or site is None:
        return None
    born = run.trace.latest_made(site.index, run.length)
    return Diagnosis(
        "nan in backward", f"backward() in line {line} got nan out of {found[1]}, the backward of {site.name or site.op} in line {site.line}.",
        -1 if born is None else born, (site.index,), None,
        "Its input stands where the slope is infinite or not defined (sqrt and norm at 0, log of 0, 0 / 0): keep it away from there, in branches that a where "
        "does not take as well.", site.line,
    )  # fmt: skip


def unused(run: RecordedRun, _text: str, line: int) -> Diagnosis:
    cut = _cut_out_later(run, line) or _exchanged(run)
    if cut is not None:
        return cut
    return Diagnosis(
        "unused",
        "One of the inputs is not part of the graph of the output, so there is no way back to it.",
        advice="Pass allow_unused=True to get None for it, or leave it out.",
        line=line,
    )


def _exchanged(run: RecordedRun) -> Diagnosis | None:
    """grad(y, g) where g is itself a gradient of y: the two are the wrong way round."""
    trace = run.trace
    begins = (run.columns.kind == int(Kind.BACKWARD_BEGIN)).nonzero()[0].tolist()
    asking = trace.event(begins[-1]) if begins else None
    text = source_line(run, asking.line) if asking is not None else ""
    words = dict.fromkeys(re.findall(r"[A-Za-z_]\w*", text.split("grad(", 1)[-1]))
    for name in words:
        found = bound(run, name)
        row = trace.last_write(found.reads[0].location, found.index) if found is not None and found.reads else None
        made = trace.event(row) if row is not None else None
        while made is not None and made.phase == Phase.FORWARD and made.detail.get("op") in _SCALING and len(made.reads) == 1:
            row = trace.last_write(made.reads[0].location, made.index - 1)
            made = trace.event(row) if row is not None else None
        if asking is None or made is None or made.phase != Phase.BACKWARD or made.pass_ == asking.pass_:
            continue
        earlier = next((event for event in map(trace.event, begins) if event.pass_ == made.pass_), None)
        if earlier is not None and earlier.reads and asking.reads and earlier.reads[0].location == asking.reads[0].location:
            root = next(
                (
                    word
                    for word in words
                    if (at := bound(run, word)) is not None and at.reads and at.reads[0].location == asking.reads[0].location
                ),
                "the output",
            )
            return Diagnosis(
                "unused", f"{name} is a gradient of {root}, computed in line {earlier.line}: {root} is not computed from {name}, but {name} from what {root} was computed from. Outputs and inputs are the wrong way round.",
                asking.index, (), None, f"For a second derivative differentiate the first one: torch.autograd.grad({name}, x, torch.ones_like({name})), with x as in line {earlier.line}.", asking.line,
            )  # fmt: skip
    return None


def _cut_out_later(run: RecordedRun, line: int) -> Diagnosis | None:
    """An input of grad() that was cut out of what the output was computed from: the way back leads past it."""
    trace, recording = run.trace, run.recording
    called = re.search(r"\bgrad\(.*?,\s*\[?\s*([A-Za-z_]\w*)", source_line(run, line))
    found = bound(run, called[1]) if called is not None else None
    row = trace.last_write(found.reads[0].location, found.index) if found is not None and found.reads else None
    made = trace.event(row) if row is not None else None
    if called is None or made is None or made.kind not in (Kind.VIEW, Kind.OP) or not made.reads or made.detail.get("op") not in _CUTTING:
        return None
    whole = trace.producer(made.reads[0].location, made.index)
    if whole < 0 or not any(_computes(run, reader) for reader in _readers(run, made.reads[0].location) if reader.index != made.index):
        return None  # nothing else was computed from the whole
    name, source = called[1], node_title(trace, recording.sites[whole])
    return Diagnosis(
        "unused", f"{name} was cut out of {source} in line {made.line}, and what line {line} differentiates was computed from {source} itself: the way back leads to {source}, past {name}.",
        made.index, (made.site,), None,
        f"Cut first, and give the network the pieces: x, t = ...; u = net(torch.cat([x, t], dim=1)). Or ask for the gradient of {source}, and cut that.", made.line,
    )  # fmt: skip


def _readers(run: RecordedRun, location: int) -> list[Event]:
    return [run.trace.event(int(row)) for row in run.recording.reads_of(location)]


def _computes(run: RecordedRun, reader: Event) -> bool:
    """Whether an op with history reads something, or a view of it."""
    views = [reader, *(inner for ref in reader.writes for inner in _readers(run, ref.location))] if reader.kind == Kind.VIEW else [reader]
    return any(event.kind == Kind.OP and run.trace.has_history(event) for event in views)
