"""Ways that a gradient should take and cannot: a draw that is not reparametrised, a state that each turn of a loop cuts off."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....recording.event import Event, Kind
from ...script.syntax import syntax_tree, unparse, walk
from ...words.names import node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_DRAWN = re.compile(r"((?:[A-Za-z_][\w.]*)?)\.sample\(")
# Those of which a draw is a function of the parameters: rsample() is that function.
_SMOOTH = frozenset(
    {"Normal", "LogNormal", "MultivariateNormal", "Laplace", "Uniform", "Gamma", "Beta", "Dirichlet", "StudentT", "Cauchy", "Gumbel"}
)
_LAYERS = frozenset({"addmm", "mm", "mv", "matmul", "bmm", "linear"})
_VIEWS = 3
_TURNS = 2  # that are cut off, at least: one may be the end of a part of a sequence


def drawn(run: RecordedRun) -> Iterator[Alarm]:
    """sample() of a distribution whose parameters are computed, where the draw goes into the loss and its log_prob does not."""
    trace, source = run.trace, run.recording.source
    if ".sample(" not in source or "log_prob" in source:
        return
    lines = source.splitlines()
    made_in = _distributions(source)
    written = {  # one that is drawn from where it is made, or that a function gives back
        node.lineno for node in walk(syntax_tree(source)) if isinstance(node, ast.Call) and unparse(node.func).split(".")[-1] in _SMOOTH
    }
    for site in run.recording.sites:
        text = lines[site.line - 1] if site.role == "leaf" and 0 < site.line <= len(lines) else ""
        found = _DRAWN.search(text)
        rows = trace.made[site.index]
        if found is None or not len(rows):
            continue
        event = trace.event(int(rows[0]))
        line = made_in.get(found[1], 0) or (next(iter(written)) if len(written) == 1 else 0)
        if not line or not event.writes or not _computed_in(run, line) or not _used(run, event):
            continue
        name = node_title(trace, site)
        name = name if name != site.op else "the draw"
        who = found[1] if found[1] else "the distribution"
        yield Alarm(
            "drawn", Severity.WARNING, "no gradient goes through sample()",
            f"{name} (line {site.line}) is drawn by sample(), which leaves no way back: of what {who} (line {line}) was made from nothing learns "
            f"by what becomes of {name}.",
            "rsample() in the place of sample() writes the draw as a function of those parameters, and a gradient goes through it.",
            event.index, (site.index,), len(rows), site.line,
        )  # fmt: skip
        return


def _distributions(source: str) -> dict[str, int]:
    """The variables that hold a distribution with rsample, and the line that makes it."""
    tree = syntax_tree(source)
    found: dict[str, int] = {}
    for node in walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and unparse(node.value.func).split(".")[-1] in _SMOOTH:
            found |= {unparse(target): node.lineno for target in node.targets}
    return found


def _computed_in(run: RecordedRun, line: int) -> bool:
    """Whether something with history was computed in a line, or by what it called: the parameters of the distribution."""
    trace = run.trace
    sites = [s for s in run.recording.sites if s.role in ("op", "view") and (s.line == line or line in s.path)]
    if any(len(trace.made[s.index]) and trace.has_history(trace.event(int(trace.made[s.index][0]))) for s in sites):
        return True
    # Made in lines before: by its names.
    lines = run.recording.source.splitlines()
    names = set(re.findall(r"[A-Za-z_]\w*", lines[line - 1].partition("=")[2])) if 0 < line <= len(lines) else set()
    named = [s for s in run.recording.sites if s.name in names and s.role in ("op", "view")]
    return any(len(trace.made[s.index]) and trace.has_history(trace.event(int(trace.made[s.index][0]))) for s in named)


def _used(run: RecordedRun, made: Event) -> bool:
    """Whether an op that a gradient passes reads what was made."""
    trace = run.trace
    readers = (trace.event(int(row)) for row in run.recording.reads_of(made.writes[0].location))
    return any(reader.kind in (Kind.OP, Kind.VIEW) and reader.site in trace.fired for reader in readers)


def cut_states(run: RecordedRun) -> Iterator[Alarm]:
    """detach() in each turn of a loop, of a result that nothing else reads: of all the turns only the last one learns; one alarm."""
    trace, recording = run.trace, run.recording
    cuts: dict[tuple[int, tuple[int, ...]], list[Event]] = {}
    for site in recording.sites:
        if site.role == "detach" and len(trace.made[site.index]):
            cuts.setdefault((site.line, site.path), []).append(trace.event(int(trace.made[site.index][0])))
    for (line, _), events in cuts.items():
        dead = [event for event in events if event.reads and _dead_end(run, event)]
        if len(dead) < _TURNS or len(dead) < len(events) - 1 or len({event.step for event in events}) > 1 or not _goes_on(run, events[-1]):
            continue
        source = trace.producer(dead[-1].reads[0].location, dead[-1].index)
        name = node_title(trace, recording.sites[source]) if source >= 0 else "the state"
        yield Alarm(
            "cut state", Severity.WARNING, "each turn is cut off from the one before",
            f"Line {line} detaches {name} in each of {len(events)} turns: what the turns before the last one computed gets no gradient, so nothing is "
            "learned over more than one turn.",
            "Leave the history inside the loop; detach the state once, between two sequences or parts of one.",
            dead[0].index, (dead[0].site, source) if source >= 0 else (dead[0].site,), len(dead), line,
        )  # fmt: skip
        return


def _goes_on(run: RecordedRun, cut: Event) -> bool:
    """Whether what a detach gives goes through weights, as the state of a recurrent layer does, and a gradient comes there."""
    trace, location = run.trace, cut.writes[0].location
    for _ in range(_VIEWS):
        readers = [trace.event(int(row)) for row in run.recording.reads_of(location)]
        if any(reader.detail.get("op") in _LAYERS and reader.site in trace.fired for reader in readers):
            return True
        view = next((reader for reader in readers if reader.kind == Kind.VIEW and reader.writes), None)
        if view is None:
            return False
        location = view.writes[0].location
    return False


def _dead_end(run: RecordedRun, cut: Event) -> bool:
    """Whether what a detach reads has a history that no gradient ever enters."""
    trace, location = run.trace, cut.reads[0].location
    if not trace.requires_grad(location, cut.index - 1) or trace.producer(location, cut.index) in trace.fired:
        return False
    source = trace.producer(location, cut.index)
    return source >= 0 and run.recording.sites[source].role in ("op", "view")
