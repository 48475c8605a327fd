"""PyTorch's autograd errors explained: what is to blame, in which line, and how to mend it.

PyTorch's words come first and stay as they are; what is said here comes from the recording, which knows more than the
error does: who wrote, who freed, where the way back is cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..recording.event import Event, Kind
from .graph import node_title
from .scene import NodeKind

if TYPE_CHECKING:
    from .session import Session


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the script: lines `line` to `line` become `after` (1-based)."""

    line: int
    before: str
    after: str

    @property
    def diff(self) -> str:
        """As a diff of the script."""
        old = "\n".join(f"- {part}" for part in self.before.splitlines())
        new = "\n".join(f"+ {part}" for part in self.after.splitlines())
        return f"line {self.line}\n{old}\n{new}"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why it failed.

    Attributes:
        cause: "in-place write", "graph freed", "no history", "leaf in place", "not scalar", "numpy", "integer leaf", "unused" or "shapes".
        sentence: in words, with names and lines.
        event: the culprit, -1 for none.
        nodes: what to light.
        fix: a change that mends it, None where only the user can know.
        advice: what to do, where there is no fix of one line.
    """

    cause: str
    sentence: str
    event: int = -1
    nodes: tuple[int, ...] = ()
    fix: Fix | None = None
    advice: str = ""


def diagnose(session: Session, text: str, line: int) -> Diagnosis | None:
    """What the recording knows about an error with PyTorch's `text` in a line; None for errors that speak for themselves."""
    for words, explain in _EXPLAINED:
        if words in text:
            return explain(session, text, line)
    return None


def _source_line(session: Session, line: int) -> str:
    lines = session.recording.source.splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else ""


# -- in-place writes ------------------------------------------------------------------------------------------------


def _inplace(session: Session, text: str, line: int) -> Diagnosis | None:
    """Saved, then written, then read: PyTorch tells the first and the last, users look for the second."""
    found = re.search(r"is at version (\d+); expected version (\d+)", text)
    if found is None:
        return None
    now, then = int(found[1]), int(found[2])
    trace, columns = session.trace, session.columns
    saves = [trace.event(row) for row in np.flatnonzero(columns.kind == int(Kind.SAVE)).tolist()]
    writers = np.flatnonzero(np.isin(columns.kind, (int(Kind.INPLACE_WRITE), int(Kind.OPTIMIZER_STEP)))).tolist()
    for save in reversed([s for s in saves if s.detail.get("version") == then and s.reads]):
        location = save.reads[0].location
        mine = [trace.event(row) for row in writers if row > save.index and any(w.location == location for w in trace.event(row).writes)]
        if mine and mine[-1].writes[0].version == now:
            return _written(session, save, mine[0], line)
    later = [trace.event(row) for row in writers if any(s.index < row for s in saves)]
    return _written(session, saves[-1], later[-1], line) if saves and later else None


def _written(session: Session, save: Event, write: Event, line: int) -> Diagnosis:
    trace, recording = session.trace, session.recording
    keeper = recording.sites[save.site]
    tensor = trace.site_of_tensor(trace.tensor_of(save.reads[0].location))
    name = node_title(trace, recording.sites[tensor]) if tensor >= 0 else str(save.detail.get("name", "a value"))
    by_optimizer = write.kind == Kind.OPTIMIZER_STEP
    who = f"{write.detail.get('optimizer', 'the optimizer')}.step()" if by_optimizer else f"the in-place {write.detail.get('op', 'write')}"
    sentence = (
        f"{keeper.grad_fn} (line {keeper.line}) kept {name} for the backward pass; {who} in line {write.line} overwrote it; "
        f"backward() in line {line} needs the old numbers."
    )
    fix, advice = None, ""
    if by_optimizer:
        advice = "Compute the loss again after step(): each backward() wants the parameters that its own forward pass saw."
    else:
        before = _source_line(session, write.line)
        after = out_of_place(before)
        fix = Fix(write.line, before, after) if after else None
        advice = "" if fix else "Write the result into a new tensor instead of overwriting the old one."
    return Diagnosis(
        "in-place write", sentence, write.index, tuple(dict.fromkeys(s for s in (write.site, save.site) if s >= 0)), fix, advice
    )


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
        return f"{indent}{name} = {name}.{called}({arguments})"
    return ""


def _leaf_in_place(session: Session, text: str, line: int) -> Diagnosis:
    before = _source_line(session, line)
    indent = before[: len(before) - len(before.lstrip())]
    what = "A view of a leaf" if "view of a leaf" in text else "A leaf"
    fix = Fix(line, before, f"{indent}with torch.no_grad():\n{indent}    {before.strip()}") if before.strip() else None
    return Diagnosis(
        "leaf in place",
        f"{what} that requires grad is overwritten in line {line}. If that were recorded, the tensor would have a history and be no leaf any more: "
        "its .grad would have no place.",
        fix=fix,
        advice="Inside no_grad the write is not recorded: so optimizers do it.",
    )


# -- the way back ---------------------------------------------------------------------------------------------------


def _freed(session: Session, _text: str, line: int) -> Diagnosis | None:
    """Which backward() emptied the saved values."""
    trace, columns = session.trace, session.columns
    frees = np.flatnonzero(columns.kind == int(Kind.FREE_SAVES)).tolist()
    if not frees:
        return None
    begins = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN)).tolist()
    fired = {(trace.event(row).call) for row in np.flatnonzero(columns.kind == int(Kind.VJP)).tolist() if begins and row > begins[-1]}
    freed = [trace.event(row) for row in frees if not begins or row < begins[-1]]
    reached = [event for event in freed if event.call not in fired]
    event = (reached or freed or [trace.event(frees[0])])[0]
    first = next((trace.event(row) for row in reversed(begins) if row < event.index), None)
    by = first.line if first is not None else event.line
    site = session.recording.sites[event.site]
    crossed = event.step < (trace.event(begins[-1]).step if begins else event.step)
    if crossed:
        sentence = (
            f"The graph reaches back into an earlier turn of the loop, to {site.grad_fn} (line {site.line}), whose saved values were freed by the "
            f"backward() of that turn (line {by})."
        )
        return Diagnosis(
            "graph freed", sentence, event.index, (event.site,), advice=f"Detach what is carried over: {_carried(session, event)}."
        )
    sentence = f"backward() in line {by} freed what {site.grad_fn} (line {site.line}) had saved; backward() in line {line} needs it again."
    before = _source_line(session, by)
    fix = None
    if re.search(r"\.backward\(\s*\)", before):
        fix = Fix(by, before, re.sub(r"\.backward\(\s*\)", ".backward(retain_graph=True)", before, count=1))
    return Diagnosis(
        "graph freed",
        sentence,
        event.index,
        (event.site,),
        fix,
        "Keep the graph of the first pass, or add the losses and call backward() once.",
    )


def _carried(session: Session, event: Event) -> str:
    name = session.recording.sites[event.site].name
    return f"{name} = {name}.detach()" if name else "h = h.detach() at the start of each turn"


def _no_history(session: Session, _text: str, line: int) -> Diagnosis | None:
    """Walk back from the root to the first cut."""
    graph, recording = session.graph(), session.recording
    called = re.search(r"([A-Za-z_]\w*)\.backward\(", _source_line(session, line))
    named = [node for node in graph.nodes if called is not None and node.title == called[1]]
    made = [node for node in graph.nodes if node.kind in (NodeKind.OP, NodeKind.NO_GRAD, NodeKind.LOSS)]
    if not named and not made:
        return None
    root = (named or made)[-1]
    into: dict[int, list[int]] = {}
    for edge in graph.edges:
        if edge.kind != "bucket":
            into.setdefault(edge.target, []).append(edge.source)
    above, queue = {root.id}, [root.id]
    while queue:
        for source in into.get(queue.pop(), ()):
            if source not in above:
                above.add(source)
                queue.append(source)
    wanting = [node for node in graph.nodes if node.id in above and node.kind == NodeKind.PARAMETER]
    for leaf in wanting:
        why = session.why_not(leaf.id, root.id)
        if why.reason != "reached":
            nodes = tuple(dict.fromkeys((leaf.id, why.node)))
            return Diagnosis(
                "no history", f"{root.title} has no history: {why.sentence}", -1, nodes, _cut_fix(session, why.reason, why.node)
            )
    leaves = [node for node in graph.nodes if node.id in above and node.is_leaf]
    names = ", ".join(dict.fromkeys(node.title for node in leaves[:4])) or "numbers"
    sentence = f"{root.title} is computed from {names} only, and none of them requires grad."
    fix = None
    floating = [node for node in leaves if node.dtype.startswith("float") and node.line]
    if floating:
        before = _source_line(session, floating[0].line)
        after = (
            re.sub(r"\)(\s*)(#.*)?$", ", requires_grad=True)", before, count=1)
            if "torch." in before and before.rstrip().endswith(")")
            else ""
        )
        fix = Fix(floating[0].line, before, after) if after else None
    del recording
    return Diagnosis(
        "no history",
        sentence,
        -1,
        (root.id, *(node.id for node in leaves)),
        fix,
        "Set requires_grad=True on what you want the gradient of.",
    )


def _cut_fix(session: Session, reason: str, node: int) -> Fix | None:
    """Take the cut away, where it stands in one line."""
    line = session.recording.sites[node].line
    before = _source_line(session, line)
    if reason == "detach" and ".detach()" in before:
        return Fix(line, before, before.replace(".detach()", "", 1))
    if reason == "no_grad":
        for number in range(line, max(0, line - 30), -1):
            text = _source_line(session, number)
            if re.match(r"^\s*with torch\.no_grad\(\):\s*$", text):
                return Fix(number, text, text.replace("torch.no_grad()", "torch.enable_grad()"))
    return None


# -- the rest -------------------------------------------------------------------------------------------------------


def _not_scalar(session: Session, _text: str, line: int) -> Diagnosis:
    before = _source_line(session, line)
    called = re.search(r"([A-Za-z_]\w*)\.backward\(\s*\)", before)
    name = called[1] if called else "the tensor"
    node = next((n for n in reversed(session.graph().nodes) if called and n.title == called[1]), None)
    shape = f" of shape {tuple(node.shape)}" if node is not None else ""
    fix = Fix(line, before, before.replace(f"{name}.backward()", f"{name}.sum().backward()", 1)) if called else None
    return Diagnosis(
        "not scalar",
        f"{name} is a tensor{shape}: a gradient is of one number. backward() needs to know the weight of each element (the vector of the "
        "vector-Jacobian product).",
        -1, (node.id,) if node is not None else (), fix, f"Reduce it first ({name}.sum() or .mean()), or give {name}.backward(gradient=v) with v of its shape.",
    )  # fmt: skip


def _numpy(session: Session, _text: str, line: int) -> Diagnosis:
    before = _source_line(session, line)
    fix = Fix(line, before, before.replace(".numpy()", ".detach().numpy()", 1)) if ".numpy()" in before else None
    return Diagnosis(
        "numpy", "numpy would share the memory, and autograd would not see what is written there: the history has to be cut first.", fix=fix
    )


def _integers(session: Session, _text: str, line: int) -> Diagnosis:
    before = _source_line(session, line)
    after = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"\1.0", before, count=1) if "tensor(" in before else ""
    fix = Fix(line, before, after) if after and after != before else None
    return Diagnosis(
        "integer leaf",
        "Whole numbers have no slope: a gradient needs a floating dtype.",
        fix=fix,
        advice="Write 1.0 and not 1, or dtype=torch.float32.",
    )


def _unused(_session: Session, _text: str, _line: int) -> Diagnosis:
    return Diagnosis(
        "unused",
        "One of the inputs is not part of the graph of the output, so there is no way back to it.",
        advice="Pass allow_unused=True to get None for it, or leave it out.",
    )


def _shapes(_session: Session, text: str, _line: int) -> Diagnosis | None:
    found = re.search(r"\((\d+)x(\d+) and (\d+)x(\d+)\)", text)
    if found is None:
        return None
    a, b, c, d = found.groups()
    sentence = f"A {a} x {b} matrix times a {c} x {d} one: the {b} columns of the first must be as many as the {c} rows of the second."
    return Diagnosis(
        "shapes",
        sentence,
        advice="Transpose one of them (.T), or change the layer's in_features." if b == d or a == c else "Look at where each comes from.",
    )


_EXPLAINED: tuple[tuple[str, Callable[[Session, str, int], Diagnosis | None]], ...] = (
    ("has been modified by an inplace operation", _inplace),
    ("a leaf Variable that requires grad is being used in an in-place operation", _leaf_in_place),
    ("a view of a leaf Variable that requires grad is being used in an in-place operation", _leaf_in_place),
    ("Trying to backward through the graph a second time", _freed),
    ("does not require grad and does not have a grad_fn", _no_history),
    ("grad can be implicitly created only for scalar outputs", _not_scalar),
    ("Can't call numpy() on Tensor that requires grad", _numpy),
    ("can require gradients", _integers),
    ("appears to not have been used in the graph", _unused),
    ("shapes cannot be multiplied", _shapes),
)
