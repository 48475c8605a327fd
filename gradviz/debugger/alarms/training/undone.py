"""What was learned and is lost again: weights that are drawn or loaded anew in each turn, statistics that stay as they were made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Kind, Phase
from ...diagnosis.finding import source_line
from ...script.syntax import syntax_tree, unparse, walk
from ...words.names import node_title
from ..alarm import Alarm, Severity
from ..origin import first_calls

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_LOOKED_AT = 6000  # steps and writes, from the start
_TURNS = 3
_BACK = 400  # writes that are looked through
_DRAWING = re.compile(r"\b(?:uniform_|normal_|trunc_normal_|xavier_\w+|kaiming_\w+|orthogonal_|reset_parameters|init_weights|apply)\(")
_OPTIMIZER = re.compile(r"\b(?:optim\.\w+|SGD|Adam\w*|NAdam|RAdam|RMSprop|Adagrad|Adadelta|LBFGS)\(")


def steps_undone(run: RecordedRun) -> Iterator[Alarm]:
    """A parameter that steps move, and that each turn fills anew: by new random numbers, or by the very ones that it started from; one alarm."""
    trace, columns = run.trace, run.columns
    written = (columns.kind == int(Kind.INPLACE_WRITE)) & (columns.phase == int(Phase.UPDATE))
    rows = np.flatnonzero((columns.kind == int(Kind.OPTIMIZER_STEP)) | written)[:_LOOKED_AT]
    if not written[rows].any():
        return
    trace.open(rows)
    steps: dict[int, int] = {}
    fills: dict[tuple[int, int], list[tuple[int, int]]] = {}  # (tensor, line): how often it had been moved, and the event
    for row in rows.tolist():
        event = trace.event(row)
        ref = event.writes[-1 if event.kind == Kind.INPLACE_WRITE else 0] if event.writes else None
        if ref is None:
            continue
        tensor = trace.tensor_of(ref.location)
        if event.kind == Kind.OPTIMIZER_STEP:
            steps[tensor] = steps.get(tensor, 0) + (not event.detail.get("skipped"))
        elif event.detail.get("op") == "copy" and ref.location == trace.location("val", tensor):
            fills.setdefault((tensor, event.line), []).append((steps.get(tensor, 0), row))
    for (tensor, line), made in fills.items():
        after = [row for moved, row in made if moved]
        times = len({moved for moved, _ in made if moved})
        if times < _TURNS or _with_its_optimizer(run.recording.source, line):
            continue
        values = [
            run.recording.array(event.writes[-1].value) if (event := trace.event(row)).writes[-1].value >= 0 else None for row in after
        ]
        same = all(value is not None and values[0] is not None and np.array_equal(value, values[0]) for value in values)
        kept = "state_dict" in run.recording.source or "deepcopy" in run.recording.source  # of several trials the best one
        drawn = bool(_DRAWING.search(source_line(run, line))) and (times >= steps[tensor] - 1 or not kept)
        last = made[-1][0] == steps[tensor]
        if not (drawn and not same) and not (same and last):
            continue
        site = trace.site_of_tensor(tensor)
        name = node_title(trace, run.recording.sites[site]) if site >= 0 else "a parameter"
        how = "draws new numbers for" if drawn and not same else "puts the same first numbers back into"
        yield Alarm(
            "steps undone", Severity.WARNING, "what is learned is lost again",
            f"Line {line} {how} {name} again and again ({times} times after steps have moved it): what the steps before have learned is gone each time.",
            "Draw the first weights once, in __init__." if drawn and not same else
            "Load weights once, before training; to go back to the best ones, keep a deep copy of them when they are reached, and load that.",
            after[0], (site,) if site >= 0 else (), times, line,
        )  # fmt: skip
        return


def _with_its_optimizer(source: str, line: int) -> bool:
    """Whether the loop or the function around a line makes an optimizer as well, itself or by a function of the script: a training that starts anew on purpose."""
    tree = syntax_tree(source)
    makers = {node.name for node in walk(tree) if isinstance(node, ast.FunctionDef) and _OPTIMIZER.search(unparse(node))}
    around = [
        node
        for node in walk(tree)
        if isinstance(node, ast.For | ast.While | ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    names = {node.name for node in around if isinstance(node, ast.FunctionDef)}
    around += [
        node
        for node in walk(tree)
        if isinstance(node, ast.For | ast.While) and any(isinstance(inner, ast.Name) and inner.id in names for inner in walk(node))
    ]
    called = {inner.func.id for node in around for inner in walk(node) if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)}
    return bool(makers & called) or any(_OPTIMIZER.search(unparse(node)) for node in around)


def statistics_left(run: RecordedRun) -> Iterator[Alarm]:
    """batch_norm in evaluation mode whose running mean is still 0 and its variance 1, though its weights were written since: a copy that follows in parameters only; one alarm."""
    trace, recording, columns = run.trace, run.recording, run.columns
    for site, event in first_calls(run, frozenset({"batch_norm"})):
        made = trace.made[site.index]
        last = trace.event(int(made[-1]))
        if len(made) < _TURNS or len(last.reads) != 5 or any(ref.value < 0 for ref in last.reads):
            continue
        mean, variance = (recording.array(ref.value) for ref in last.reads[3:])
        if mean is None or variance is None or mean.any() or (variance != 1).any() or event.reads[1].value == last.reads[1].value:
            continue
        stepped = any(columns.kind[row] == int(Kind.OPTIMIZER_STEP) for row in trace.writes(last.reads[1].location))
        line = 0 if stepped else _written_by(run, last.reads[1].value, last.index)
        if not line:
            continue
        yield Alarm(
            "statistics left", Severity.WARNING, "the statistics stay as they were made",
            f"The batch_norm of line {last.line} is in evaluation mode and divides by a running variance of 1 after taking off a running mean of 0, those that it was made with. Line {line} gives its weights "
            f"those of another model again and again, and leaves out the running statistics, which are buffers and no parameters.",
            "Copy the buffers as well: for a, b in zip(copy.buffers(), model.buffers()): a.copy_(b).", last.index, (site.index,), len(made), line,
        )  # fmt: skip
        return


def _written_by(run: RecordedRun, value: int, before: int) -> int:
    """The line of the write in place, also through an alias, that gave a tensor the numbers that it has; 0 for none."""
    wanted = run.recording.array(value)
    rows = np.flatnonzero(run.columns.kind[:before] == int(Kind.INPLACE_WRITE))[::-1][:_BACK]
    for row in rows.tolist() if wanted is not None else ():
        event = run.trace.event(row)
        found = run.recording.array(event.writes[-1].value) if event.writes and event.writes[-1].value >= 0 else None
        if wanted is not None and found is not None and found.shape == wanted.shape and np.array_equal(found, wanted):
            return event.line
    return 0
