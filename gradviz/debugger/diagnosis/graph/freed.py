"""Graphs that a backward pass has freed already."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...script.syntax import syntax_tree, walk
from ...words.names import node_title
from ..finding import Diagnosis, replaced, source_line
from .handed_on import cut_off, state_between

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun


def freed(run: RecordedRun, _text: str, line: int) -> Diagnosis | None:
    """Which backward() emptied the saved values, and what led back to them."""
    trace, columns = run.trace, run.columns
    frees = np.flatnonzero(columns.kind == int(Kind.FREE_SAVES)).tolist()
    if not frees:
        return None
    begins = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN)).tolist()
    fired = {trace.event(row).call for row in np.flatnonzero(columns.kind == int(Kind.VJP)).tolist() if begins and row > begins[-1]}
    earlier = [trace.event(row) for row in frees if not begins or row < begins[-1]]
    reached = [event for event in earlier if event.call not in fired]
    event = (reached or earlier or [trace.event(frees[0])])[0]
    first = next((trace.event(row) for row in reversed(begins) if row < event.index), None)
    by = first.line if first is not None else event.line
    way = way_back(run, trace.event(begins[-1])) if begins else []
    return (
        _summed(run, way, begins)
        or _carried(run, way)
        or _made_once(run, begins)
        or _went_on(run, way, begins)
        or _twice(run, event, by, line)
    )


def way_back(run: RecordedRun, begin: Event) -> list[tuple[Event, Event]]:
    """The steps back from the roots of a backward pass, nearest first: (what read, what it was made by)."""
    trace = run.trace
    queue = [call for call in begin.detail.get("calls", ()) if call is not None]
    seen, steps = set(queue), []
    for call in queue:
        made = trace.rows_of_call(call).made
        if not made:
            continue
        reader = trace.event(made[0])
        for number in reader.detail.get("next", ()):
            source = trace.rows_of_call(number).made if number is not None and number >= 0 else []
            if source:
                steps.append((reader, trace.event(source[0])))
                if number not in seen:
                    seen.add(number)
                    queue.append(number)
    return steps


def _carried(run: RecordedRun, way: list[tuple[Event, Event]]) -> Diagnosis | None:
    """What an iteration took over from the iteration before, with its graph."""
    found = next(((a, b) for a, b in way if b.step < a.step and a.kind in (Kind.OP, Kind.VIEW)), None)
    if found is None:
        return None
    reader, source = found
    site = run.recording.sites[source.site]
    named = state_between(run, run.recording.sites[reader.site], site)
    name = _name(run, source, reader) or named or site.name
    what = name or site.grad_fn
    once = _before_the_loop(run, reader, source)
    if once is not None:
        at, loop = once
        inside = f" (in line {source.line})" if source.line != at else ""
        return Diagnosis(
            "graph freed",
            f"Line {reader.line} works with {what}, which line {at} computed once{inside}, before the loop of line {loop}, with its graph: the first backward() went through "
            "that graph and freed it.",
            source.index, tuple(dict.fromkeys((source.site, reader.site))), None,
            "If nothing is to be learned there, cut it off where it is made: detach(), or with torch.no_grad(). Else compute it inside the loop.", at,
        )  # fmt: skip
    several = _several_passes(run, reader, source)
    if several:
        begun = np.flatnonzero(run.columns.kind == int(Kind.BACKWARD_BEGIN))
        line = int(run.columns.line[begun[-1]]) if len(begun) else reader.line
        return Diagnosis(
            "graph freed",
            f"Each turn of the loop of line {several} calls backward() in line {line} on something that was computed from {what} (line {source.line}), which is there once: the first pass freed the graph behind it.",
            source.index, tuple(dict.fromkeys((source.site, reader.site))), replaced(run, line, r"\.backward\(\s*\)", ".backward(retain_graph=True)"),
            "Add the losses up, and call backward() once, after the loop; or keep the graph: backward(retain_graph=True).", line,
        )  # fmt: skip
    fix = cut_off(run, run.recording.sites[reader.site], name) if name else None
    return Diagnosis(
        "graph freed",
        f"Line {reader.line} takes {what} over from an earlier turn of the loop (made in line {source.line}), with the graph behind it; "
        "that turn's backward() has freed what was saved there.",
        reader.index, tuple(dict.fromkeys((reader.site, source.site))), fix,
        "Keep numbers in what outlives a turn (detach() before they are stored), and compute anew what is to be learned."
        if reader.detail.get("op") in ("stack", "cat")
        else f"Detach what is carried over: {name or 'h'} = {name or 'h'}.detach().",
        reader.line,
    )  # fmt: skip


def _several_passes(run: RecordedRun, reader: Event, source: Event) -> int:
    """The line of a loop within a turn of training, each of whose turns goes back through what was computed before it; 0 for none."""
    frames = [(*site.path, site.line) for site in (run.recording.sites[event.site] for event in (reader, source))]
    read, made = next(((one, other) for one, other in zip(*frames, strict=False) if one != other), (0, 0))
    holding = [
        node
        for node in walk(syntax_tree(run.recording.source))
        if isinstance(node, ast.For | ast.While) and node.lineno <= read <= (node.end_lineno or node.lineno)
    ]
    both = [node for node in holding if node.lineno <= made <= (node.end_lineno or node.lineno)]
    alone = [node for node in holding if node not in both and node.lineno > made]
    return min(node.lineno for node in alone) if both and alone and made else 0


def _before_the_loop(run: RecordedRun, reader: Event, source: Event) -> tuple[int, int] | None:
    """(line, line of the loop) where the script made something before a loop in which it is read."""
    frames = [(*site.path, site.line) for site in (run.recording.sites[event.site] for event in (reader, source))]
    read, made = next(((one, other) for one, other in zip(*frames, strict=False) if one != other), (0, 0))  # where their ways part
    tree = syntax_tree(run.recording.source)
    loops = [
        node for node in walk(tree) if isinstance(node, ast.For | ast.While) and node.lineno <= read <= (node.end_lineno or node.lineno)
    ]
    loop = min(loops, key=lambda node: node.lineno, default=None)
    if loop is None or made >= loop.lineno:
        return None
    return made, loop.lineno


def _summed(run: RecordedRun, way: list[tuple[Event, Event]], begins: list[int]) -> Diagnosis | None:
    """A loss that had its own backward(), and is then part of a second one (a running total)."""
    trace = run.trace
    roots = {call: trace.event(row) for row in begins[:-1] for call in trace.event(row).detail.get("calls", ())}
    own = set(trace.event(begins[-1]).detail.get("calls", ())) if begins else set()
    found = next(((a, b) for a, b in way if b.call in roots and b.call not in own), None)
    if found is None:
        return None
    reader, loss = found
    name = _name(run, loss, reader)
    by = roots[loss.call]
    fix = replaced(run, reader.line, rf"([+(]\s*|=\s*){name}\b(?!\s*=)", rf"\g<1>{name}.detach()") if name else None
    return Diagnosis(
        "graph freed",
        f"Line {reader.line} keeps {name or 'a loss'} with its graph, and the backward() of line {by.line} went through that graph and freed it.",
        reader.index, tuple(dict.fromkeys((reader.site, loss.site))), fix, "Sum up numbers and not graphs: loss.detach() or loss.item().",
    )  # fmt: skip


def _went_on(run: RecordedRun, way: list[tuple[Event, Event]], begins: list[int]) -> Diagnosis | None:
    """A pass that went on through what another optimizer's network had made, such as the discriminator's into the generator, and freed it."""
    trace, columns = run.trace, run.columns
    if len(begins) < 2:
        return None
    first = trace.event(begins[-2])
    mine = way_back(run, first)
    calls = {source.call for _, source in mine} | set(first.detail.get("calls", ()))
    found = next(((one, other) for one, other in way if other.call in calls and one.call not in calls), None)
    if found is None:
        return None
    shared = found[1]
    reader = next((one for one, other in mine if other.call == shared.call), None)
    rows = np.arange(begins[-2], begins[-1])
    filled = set(run.recording.first_owners(rows[columns.kind[rows] == int(Kind.ACCUMULATE)]).tolist())
    moved = set(run.recording.first_owners(rows[columns.kind[rows] == int(Kind.OPTIMIZER_STEP)]).tolist())
    name = _name(run, shared, trace.event(begins[-1]))
    sites = run.recording.sites
    if reader is None or not moved or not filled - moved or not name:
        return None
    lines = [line for line in (reader.line, *reversed(sites[reader.site].path)) if re.search(rf"\b{name}\b", source_line(run, line))]
    line = next((line for line in lines if line != shared.line), 0)
    if not line:
        return None
    other = trace.site_of_tensor(min(filled - moved))
    return Diagnosis(
        "graph freed",
        f"backward() in line {first.line} went on through {name} (made in line {shared.line}) to {node_title(trace, sites[other])}, which the step after it does not move, and freed that "
        f"graph; the pass that failed needs it.",
        reader.index, tuple(dict.fromkeys((shared.site, reader.site))), replaced(run, line, rf"\b{name}\b(?!\s*=)", f"{name}.detach()"),
        f"Cut the first pass off there: {name}.detach().", line,
    )  # fmt: skip


def _made_once(run: RecordedRun, begins: list[int]) -> Diagnosis | None:
    """A loss that was computed before the loop, whose backward() stands in it."""
    trace = run.trace
    passes = [trace.event(row) for row in begins[-2:]]
    if len(passes) < 2 or passes[0].line != passes[1].line or passes[0].step == passes[1].step:
        return None
    roots = [set(event.detail.get("calls", ())) for event in passes]
    if roots[0] != roots[1] or not roots[0]:
        return None
    rows = trace.rows_of_call(min(roots[0])).made
    made = trace.event(rows[0]) if rows else None
    if made is None or made.line >= passes[0].line or made.step == passes[1].step:
        return None
    name = _name(run, made, passes[0]) or "the loss"
    return Diagnosis(
        "graph freed",
        f"{name} was computed once, in line {made.line}, before the loop: each backward() in line {passes[0].line} goes through that one graph, and "
        "the first of them freed it. Nothing new is computed with the parameters of this turn.",
        made.index, (made.site,) if made.site >= 0 else (), None, f"Compute {name} inside the loop: model, loss, backward, step in each turn.",
    )  # fmt: skip


def _twice(run: RecordedRun, event: Event, by: int, line: int) -> Diagnosis:
    site = run.recording.sites[event.site]
    return Diagnosis(
        "graph freed",
        f"backward() in line {by} freed what {site.grad_fn} (line {site.line}) had saved; line {line} needs it again.",
        event.index, (event.site,), replaced(run, by, r"\.backward\(\s*\)", ".backward(retain_graph=True)"),
        "Keep the graph of the first pass (retain_graph=True), or add the losses and call backward() once.",
    )  # fmt: skip


def _name(run: RecordedRun, made: Event, before: Event) -> str:
    """The name that the script had for what an event made, when another read it."""
    names = np.flatnonzero(run.columns.kind[: before.index] == int(Kind.BIND_NAME)).tolist()
    wanted = {ref.location for ref in made.writes}
    for row in reversed(names):
        event = run.trace.event(row)
        if any(ref.location in wanted for ref in event.reads):
            return str(event.detail.get("name", ""))
    return ""
