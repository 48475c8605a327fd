"""What was made and never given numbers: parameters of torch.empty, a state that was loaded into nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Kind
from ...script.syntax import syntax_tree, unparse, walk
from ...words.names import node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_MAKING = frozenset({"empty", "empty_like", "new_empty", "empty_strided"})
_OLD = frozenset({"Tensor", "FloatTensor", "DoubleTensor"})  # torch.Tensor(3, 4) is memory as it comes
_NOTHING_YET = "never filled"


def never_filled(run: RecordedRun) -> Iterator[Alarm]:
    """Leaves of memory as it came, whose numbers are used before anything was written into them."""
    recording, trace = run.recording, run.trace
    lines = _lines_of_empty(recording.source)
    for site in recording.sites if lines else ():
        made = trace.made[site.index]
        if site.role != "leaf" or site.line not in lines or not len(made) or site.index not in trace.leaf_of.values():
            continue
        event = trace.event(int(made[0]))
        if not event.writes or not event.detail.get("requires_grad") or not _read_unwritten(run, event.writes[0].location, event.index):
            continue
        if trace.norm(event.writes[0].value) > 0 or 0 in recording.form(event.writes[0].value)[0]:
            continue  # none at all; or torch.Tensor(data), which has its numbers: memory that nothing filled holds zeros here
        yield Alarm(
            _NOTHING_YET, Severity.WARNING, "used and never filled",
            f"{node_title(trace, site)} (line {site.line}) is made by {lines[site.line]}, which takes memory as it is, and nothing fills it before it is used: its first numbers are "
            "whatever stood there, zeros here, and huge or nan on another day.",
            "Fill it: nn.init.xavier_uniform_(weight) or torch.randn(...) * 0.1 for weights, zeros for a bias.", event.index, (site.index,), len(made), site.line,
        )  # fmt: skip


def _lines_of_empty(source: str) -> dict[int, str]:
    """Lines that take memory as it is and do nothing else with it there, each with the call."""
    found: dict[int, str] = {}
    tree = syntax_tree(source)
    filled = {id(node.value) for node in walk(tree) if isinstance(node, ast.Attribute)}  # torch.empty(3).uniform_()
    for node in walk(tree):
        if not isinstance(node, ast.Call) or id(node) in filled:
            continue
        name = unparse(node.func).split(".")[-1]
        sizes = node.args and not any(isinstance(argument, ast.List | ast.Tuple | ast.Starred) for argument in node.args)
        if name in _MAKING or (name in _OLD and sizes):
            found[node.lineno] = f"{unparse(node.func)}(...)"
    return found


def _read_unwritten(run: RecordedRun, location: int, made: int) -> bool:
    """Whether an op reads a tensor before anything writes into its memory."""
    trace, recording = run.trace, run.recording
    reads = [int(row) for row in recording.reads_of(location)]
    used = next((row for row in reads if trace.event(row).site in trace.fired and trace.event(row).kind in (Kind.OP, Kind.VIEW)), None)
    if used is None:
        return False
    same = {location}
    for row in range(made + 1, used):
        kind = int(run.columns.kind[row])
        if kind not in (int(Kind.VIEW), int(Kind.DETACH), int(Kind.INPLACE_WRITE)):
            continue
        event = trace.event(row)
        if kind == int(Kind.INPLACE_WRITE) and any(ref.location in same for ref in event.writes):
            return False
        if kind != int(Kind.INPLACE_WRITE) and any(ref.location in same for ref in event.reads):
            same |= {ref.location for ref in event.writes}
    return True


def loaded_nothing(run: RecordedRun) -> Iterator[Alarm]:
    """`load_state_dict(state, strict=False)` that changes no parameter: no key of the state is one of the model's."""
    columns = run.columns
    for node in walk(syntax_tree(run.recording.source)):
        call = node.value if isinstance(node, ast.Expr) else None  # what is assigned is looked at
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "load_state_dict"):
            continue
        loose = (keyword.value for keyword in call.keywords if keyword.arg == "strict")
        positional = call.args[1:2]
        if not any(isinstance(value, ast.Constant) and value.value is False for value in (*loose, *positional)):
            continue
        lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
        if not _ran(run, node) or (np.isin(columns.line, list(lines)) & (columns.kind == int(Kind.INPLACE_WRITE))).any():
            continue
        owner = unparse(call.func.value)
        yield Alarm(
            "loaded nothing", Severity.WARNING, "nothing was loaded",
            f"load_state_dict in line {call.lineno} changes no parameter of {owner}: none of the names in the state is one of its own, and strict=False lets that pass without a word.",
            "Look at what it returns (missing_keys, unexpected_keys), and make the names fit, such as {k.removeprefix('module.'): v for k, v in state.items()}.",
            -1, (), 1, call.lineno,
        )  # fmt: skip


def _ran(run: RecordedRun, node: ast.AST) -> bool:
    """Whether a statement was run: it stands at the level of the module, or beside a line that did something."""
    tree = syntax_tree(run.recording.source)
    lines = set(run.columns.line.tolist())
    for holder in walk(tree):
        body = getattr(holder, "body", None)
        if isinstance(body, list) and node in body:
            after = [line for stmt in body[body.index(node) + 1 :] for line in range(stmt.lineno, (stmt.end_lineno or stmt.lineno) + 1)]
            return bool(lines & set(after))
    return False
