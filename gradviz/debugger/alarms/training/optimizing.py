"""What an optimizer is given: nothing, the sum of several passes, or parameters that the loss does not use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...diagnosis.finding import source_line
from ...script.wanted_gradients import differentiated
from ...words.names import node_title
from ..alarm import Alarm, Severity
from ..origin import behind
from ..standing import standing_at
from .diverging import rate

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_TURNS = 2
_MAKING = re.compile(
    r"\b((?:Lazy)?(?:Linear|Bilinear|Conv\w+|Embedding|EmbeddingBag|LSTM|GRU|RNN|\w+Cell|\w+Norm\w*|MultiheadAttention|Transformer\w*)"
    r"|Parameter(?=\(torch\.(?:randn?|zeros|ones|empty|full|tensor)\())\("
)  # a Parameter of something that was computed is another one's business
_ATTRIBUTE = re.compile(r"\s*(self\.\w+)\s*=\s*(?!.*Parameter\().*requires_grad")  # of a module: a plain tensor
_PLAIN = "Make {attribute} a Parameter: a module does not register a plain tensor, and parameters() leaves it out."
_CALLS = 50  # calls of step() whose gradients are followed
_LOOKED_THROUGH = 300  # events between a pass and what clears its gradients
_FAR = 12  # ops back from a tensor to what it was made of
_LOOKED_AT = 4000  # steps of single parameters, from the start: what is wrong with a loop is wrong from its first turns on


def given(run: RecordedRun) -> Iterator[Alarm]:
    """What is wrong with what the steps are given, one alarm a kind."""
    trace, columns = run.trace, run.columns
    rows = np.flatnonzero(columns.kind == int(Kind.OPTIMIZER_STEP))[:_LOOKED_AT]
    trace.open(rows)
    events = [trace.event(row) for row in rows.tolist()]
    if not events:
        return
    calls = [list(group) for _, group in groupby(events, key=lambda event: (event.line, event.step, event.epoch))]
    yield from _nothing(run, calls)
    yield from _several(run, calls)
    yield from _coasting(run, events)
    yield from _left_out(run, events)
    yield from _new_in_each_turn(run, events)
    yield from _thrown_away(run, calls)


def moved_by(run: RecordedRun, event: Event) -> int:
    """The tensor that a step moves, -1 for none."""
    refs = event.writes or event.reads
    return run.trace.tensor_of(refs[0].location) if refs else -1


def _name(run: RecordedRun, tensor: int) -> tuple[str, int]:
    site = run.trace.site_of_tensor(tensor) if tensor >= 0 else -1
    return (node_title(run.trace, run.recording.sites[site]), site) if site >= 0 else ("a parameter", -1)


def _nothing(run: RecordedRun, calls: list[list[Event]]) -> Iterator[Alarm]:
    """Steps that find no gradient at any parameter: `.grad` is None, or the zeros that zero_grad has just put there."""
    trace, columns = run.trace, run.columns
    empty = []
    for call in calls:
        clears = [_cleared(run, event) for event in call]
        if all(event.detail.get("skipped") or clear is not None for event, clear in zip(call, clears, strict=True)):
            empty.append((call, next((clear for clear in clears if clear is not None), None)))
    if len(empty) < len(calls):
        yield from _name_moved_on(run, calls, {id(call) for call, _ in empty})
        empty = _always_empty(calls, empty) if _copying_line(run) else []
    if not empty:
        return  # one that comes before the first backward(), or coasts on purpose
    call, clear = empty[0]
    step = call[0]
    name, site = _name(run, moved_by(run, step))
    passes = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN))
    last = int(passes[passes < step.index][-1]) if (passes < step.index).any() else -1
    if clear is not None and last >= 0 and clear.index > last:
        sentence = (
            f"step() in line {step.line} finds no gradients: zero_grad() in line {clear.line} has just thrown away what backward() in line "
            f"{trace.event(last).line} brought. Nothing is learned."
        )
        advice, event = "Call zero_grad() before backward(), or after step().", clear.index
    elif last >= 0 and (leaf := _detached_from(run, moved_by(run, step))) is not None:
        line = rate(run, step)[0]
        sentence = (
            f"The optimizer of line {line} holds what .data or detach() made of {node_title(trace, run.recording.sites[leaf])} (line {run.recording.sites[leaf].line}): tensors of "
            f"their own to autograd. backward() fills the .grad of the leaves, and step() in line {step.line} finds none."
        )
        yield Alarm(
            "empty step",
            Severity.ERROR,
            "a step without gradients",
            sentence,
            "Give the optimizer the leaves themselves.",
            step.index,
            (leaf,),
            len(empty),
            line,
        )
        return
    elif last >= 0 and _all_frozen(run, call) and (trained := _filled(run, last, step)) >= 0:
        line = rate(run, step)[0]
        yield Alarm(
            "empty step", Severity.ERROR, "a step without gradients",
            f"The optimizer of line {line} holds only what does not require grad, {name} and the like: step() in line {step.line} skips all of it. backward() in line {trace.event(last).line} fills the .grad of "
            f"{node_title(trace, run.recording.sites[trained])} (line {run.recording.sites[trained].line}), which no step moves.",
            "Give the optimizer the parameters that are to be trained.", step.index, (trained, site) if site >= 0 else (trained,), len(empty), line,
        )  # fmt: skip
        return
    elif last >= 0 and (trained := _unheld(run, last, step, calls)) >= 0:
        line = rate(run, step)[0]
        new = run.recording.sites[trained]
        yield Alarm(
            "empty step", Severity.ERROR, "a step without gradients",
            f"step() in line {step.line} finds no gradient at any of its parameters. backward() in line {trace.event(last).line} fills the .grad of {node_title(trace, new) if new.name else 'a leaf'}, which line {new.line} has made "
            f"and the optimizer of line {line} does not hold: no step moves it.",
            "Make the optimizer after the last layer is in its place, from the parameters that are to be trained.", step.index, (trained,), len(empty), new.line,
        )  # fmt: skip
        return
    elif last >= 0 and not run.trace.requires_grad(run.trace.location("val", moved_by(run, step)), step.index):
        sentence = f"{name} does not require grad: backward() leaves {name}.grad at None, and step() in line {step.line} skips it."
        advice, event = f"Ask for it before anything is computed: {name}.requires_grad_().", step.index
    elif last >= 0 and (twin := _twin_of(run, moved_by(run, step))) is not None:
        yield Alarm(
            "empty step", Severity.ERROR, "a step without gradients",
            f"step() in line {step.line} finds no gradient at {name}: the loss is computed from a leaf that line {twin.line} makes of its numbers. backward() fills the .grad of that one, and nothing "
            f"leads from it back to {name}.",
            "Compute with the parameter itself; a copy with a history (clone() without detach()) also leads back to it.",
            step.index, (twin.site,) if twin.site >= 0 else (), len(empty), twin.line,
        )  # fmt: skip
        return
    elif last >= 0 and (copied := _copying_line(run)):
        yield Alarm(
            "empty step", Severity.ERROR, "a step without gradients",
            f"step() in line {step.line} finds no gradient at {name} or any other of its parameters: the loss is computed from the copy that line {copied} makes. A copy has leaves of its "
            "own: backward() fills their .grad, and nothing leads from them back to the model that was copied.",
            "Move the copy's gradients over (p.grad = q.grad for each pair), or compute with the parameters themselves: torch.func.functional_call(model, weights, x).",
            step.index, (site,) if site >= 0 else (), len(empty), copied,
        )  # fmt: skip
        return
    elif last >= 0 and all(call is None for call in trace.event(last).detail.get("calls") or ()):
        sentence = (
            f"step() in line {step.line} finds no gradient at {name} or any other of its parameters: backward() in line {trace.event(last).line} "
            "starts at a tensor without a history, and fills its .grad alone."
        )
        advice, event = (
            "Compute the loss from the parameters by operations that are recorded: no item(), numpy() or detach() on the way.",
            step.index,
        )
    elif last >= 0:
        sentence = (
            f"step() in line {step.line} finds no gradient at {name} or any other of its parameters: backward() filled those of other tensors. "
            "The optimizer was made for parameters that the loss is not computed from."
        )
        advice, event = "Make the optimizer after the model, from the parameters of the model that is trained.", step.index
    else:
        sentence, advice, event = (
            f"step() in line {step.line} comes before any backward(): there are no gradients yet.",
            "Call loss.backward() first.",
            step.index,
        )
    yield Alarm("empty step", Severity.ERROR, "a step without gradients", sentence, advice, event, (site,) if site >= 0 else (), len(empty))


def _name_moved_on(run: RecordedRun, calls: list[list[Event]], empty: set[int]) -> Iterator[Alarm]:
    """An optimizer whose only steps with a gradient are the first: the script has made a new leaf since, of what the step had moved."""
    trace, columns = run.trace, run.columns
    tail = len(calls)
    while tail and id(calls[tail - 1]) in empty:
        tail -= 1
    if not tail or len(calls) - tail < _TURNS or any(id(call) in empty for call in calls[:tail]):
        return
    held = {moved_by(run, event) for call in calls for event in call}
    step = calls[tail][0]
    filled = columns.kind[: step.index] == int(Kind.ACCUMULATE)
    last = np.flatnonzero(filled)[-1:].tolist()
    if not last or last[0] < calls[tail - 1][-1].index:
        return
    leaf = trace.tensor_of(trace.event(last[0]).writes[0].location)
    written = trace.writes(trace.location("val", leaf)) if leaf not in held else []
    born = trace.event(written[0]) if written else None
    if born is None or born.index < calls[0][0].index or not _made_of(run, born, held):
        return
    name, site = _name(run, moved_by(run, step))
    made = rate(run, step)[0]
    yield Alarm(
        "empty step", Severity.ERROR, "a step without gradients",
        f"step() in line {step.line} moves {name} {'once' if tail == 1 else f'{tail} times'} and never again: line {born.line} makes a new tensor of it, which takes its place in what follows. The optimizer of line {made} still holds the old "
        "one, which gets no gradient any more.",
        "Change the tensor in place, and keep it: with torch.no_grad(): x.clamp_(0, 1). Or make the optimizer anew for the new tensor.",
        born.index, (site,) if site >= 0 else (), len(calls) - tail, born.line,
    )  # fmt: skip


def _made_of(run: RecordedRun, event: Event, held: set[int]) -> bool:
    """Whether something was computed of one of some tensors, a few ops back."""
    waiting = [(ref.location, event.index) for ref in event.reads]
    for location, before in waiting:
        if run.trace.tensor_of(location) in held:
            return True
        made = run.trace.last_write(location, before - 1)
        if made is not None and len(waiting) < _FAR:
            waiting += [(ref.location, made) for ref in run.trace.event(made).reads]
    return False


def _all_frozen(run: RecordedRun, call: list[Event]) -> bool:
    """Whether the script has switched requires_grad off for all that a step is given: what never had it was forgotten."""
    trace, tensors = run.trace, [moved_by(run, event) for event in call]
    return all(
        trace.writes(trace.location("flag", tensor)) and not trace.requires_grad(trace.location("val", tensor), call[0].index)
        for tensor in tensors
    )


def _unheld(run: RecordedRun, begin: int, step: Event, calls: list[list[Event]]) -> int:
    """A parameter of a module that gets gradients and that no step is given, as its site, -1 for none: a layer that was put in later."""
    trace = run.trace
    found = _filled(run, begin, step)
    if found < 0 or run.recording.sites[found].line == 0 or _by_hand(run, run.recording.sites[found].line):
        return -1
    held = {trace.site_of_tensor(moved_by(run, event)) for call in calls for event in call}
    made = trace.made[found]
    born = [trace.event(int(trace.made[site][0])) for site in held if site >= 0 and len(trace.made[site])]
    if not any(event.detail.get("requires_grad") for event in born):
        return -1  # what is to be trained was never asked to: an input, a picture
    late = max((int(trace.made[site][0]) for site in held if site >= 0 and len(trace.made[site])), default=run.length)
    return found if found not in held and len(made) and int(made[0]) > late else -1


def _filled(run: RecordedRun, begin: int, step: Event) -> int:
    """A parameter of a module whose `.grad` the backward pass before a step filled, as its site, -1 for none."""
    rows = np.flatnonzero(run.columns.kind[begin : step.index] == int(Kind.ACCUMULATE)) + begin
    leaves = [run.trace.leaf_of.get(bucket, bucket) for bucket in run.columns.site[rows].tolist()]
    return min((leaf for leaf in leaves if run.recording.sites[leaf].role == "leaf"), default=-1)


def _always_empty(calls: list[list[Event]], empty: list[tuple[list[Event], Event | None]]) -> list[tuple[list[Event], Event | None]]:
    """The calls of one line that found no gradient in any turn, where other optimizers found theirs."""
    turns, without = Counter(call[0].line for call in calls), Counter(call[0].line for call, clear in empty if clear is None)
    lines = [line for line, number in without.items() if number == turns[line] >= _TURNS]
    return [(call, clear) for call, clear in empty if call[0].line == lines[0]] if lines else []


def _copying_line(run: RecordedRun) -> int:
    """The line that makes a deep copy of which leaves are that get a gradient, 0 for none."""
    trace, columns = run.trace, run.columns
    for bucket in sorted(set(columns.site[columns.kind == int(Kind.ACCUMULATE)].tolist())):
        line: int = run.recording.sites[trace.leaf_of.get(bucket, bucket)].line
        if "deepcopy(" in source_line(run, line):
            return line
    return 0


def _detached_from(run: RecordedRun, tensor: int) -> int | None:
    """The leaf that requires grad of which a tensor is the detached twin, as its site."""
    trace = run.trace
    site = trace.site_of_tensor(tensor) if tensor >= 0 else -1
    made = trace.made[site] if site >= 0 else []
    event = trace.event(int(made[-1])) if len(made) else None
    if event is None or event.kind != Kind.DETACH or not event.reads or not trace.requires_grad(event.reads[0].location, event.index):
        return None
    source = behind(run, event.reads[0], event.index, through=lambda made: made.detail.get("op") == "clone")
    leaf = trace.site_of_tensor(
        trace.tensor_of(source.writes[0].location if source is not None and source.writes else event.reads[0].location)
    )
    return leaf if leaf >= 0 and run.recording.sites[leaf].role == "leaf" else None


def _twin_of(run: RecordedRun, tensor: int) -> Event | None:
    """The event that makes a leaf with a gradient of the numbers of a tensor, which it is cut off from."""
    trace, columns = run.trace, run.columns
    for bucket in sorted(set(columns.site[columns.kind == int(Kind.ACCUMULATE)].tolist())):
        made = trace.made[trace.leaf_of.get(bucket, bucket)]
        event = trace.event(int(made[0])) if len(made) else None
        if event is None or event.kind != Kind.DETACH or not event.reads:
            continue
        source = behind(run, event.reads[0], event.index)
        locations = {ref.location for ref in (*event.reads, *(source.writes if source is not None else ()))}
        if tensor in {trace.tensor_of(location) for location in locations}:
            return event
    return None


def _cleared(run: RecordedRun, step: Event) -> Event | None:
    """The zero_grad that was the last to write the `.grad` which a step uses."""
    trace = run.trace
    tensor = moved_by(run, step)
    row = trace.last_write(trace.location("grad", tensor), step.index) if tensor >= 0 else None
    return trace.event(row) if row is not None and run.columns.kind[row] == int(Kind.ZERO_GRAD) else None


def _coasting(run: RecordedRun, events: list[Event]) -> Iterator[Alarm]:
    """Parameters that move although their gradient was just set to zeros: momentum and weight decay go on."""
    recording = run.recording
    for event in events:
        clear = _cleared(run, event)
        if clear is None or clear.detail.get("set_to_none") or event.detail.get("skipped") or not event.writes:
            continue
        tensor = moved_by(run, event)
        before = run.trace.value_at(event.writes[0].location, event.index - 1)
        old, new = (recording.array(value) if value >= 0 else None for value in (before, event.writes[0].value))
        if old is None or new is None or np.array_equal(old, new):
            continue
        name, site = _name(run, tensor)
        yield Alarm(
            "coasting", Severity.HINT, "moved without a gradient",
            f"Line {event.line} moves {name} although {name}.grad holds the zeros of line {clear.line}: momentum or weight decay goes on. "
            "With set_to_none=True the parameter would have been skipped.",
            "zero_grad() sets to None by default: an optimizer skips None, and treats zeros as a gradient.", event.index, (site,) if site >= 0 else (), 1, clear.line,
        )  # fmt: skip
        return


def _several(run: RecordedRun, calls: list[list[Event]]) -> Iterator[Alarm]:
    """Steps on the sum of several backward passes of the same turn, whose losses were not divided."""
    trace, columns, sites = run.trace, run.columns, run.recording.sites
    before = -1
    tensors = [moved_by(run, call[0]) for call in calls]
    sites_of = [_name(run, tensor)[1] for tensor in tensors]
    at = {
        site: standing_at(run, site, [call[0].index for call, other in zip(calls, sites_of, strict=True) if other == site])
        for site in set(sites_of)
        if site >= 0
    }
    begins: dict[int, Event] = {}
    for call, tensor, site in zip(calls, tensors, sites_of, strict=True):
        step = call[0]
        standing = next(at[site])[1] if site >= 0 else []
        previous, before = before, step.index
        passes = sorted({trace.event(row).pass_ for row in standing})
        if len(passes) < 2 or any(row < previous for row in standing):
            continue
        if not begins:
            rows = np.flatnonzero(columns.kind == int(Kind.BACKWARD_BEGIN)).tolist()
            begins = {event.pass_: event for event in map(trace.event, rows)}
        begun = [begins[number] for number in passes if number in begins]
        roots = {sites[trace.site_of_tensor(trace.tensor_of(b.reads[0].location))].op for b in begun if b.reads}
        lines = {b.line for b in begun}
        if roots & {"div", "mul"} or len(lines) > 1:  # scaled, or the terms of one loss
            continue
        name, _ = _name(run, tensor)
        k, line = len(passes), lines.pop()
        yield Alarm(
            "micro-batches", Severity.HINT, f"{k} backward passes in one step",
            f"At line {step.line} {name}.grad is the sum of {k} passes of line {line}. If each is the mean of a part of the batch, the step is {k} times "
            "what the whole batch would give.",
            f"Divide each loss by {k} before backward(): (loss / {k}).backward().", step.index, (site,), 1, line,
        )  # fmt: skip
        return


def _left_out(run: RecordedRun, events: list[Event]) -> Iterator[Alarm]:
    """Parameters of modules that get gradients again and again, and that no optimizer ever moves."""
    trace, columns = run.trace, run.columns
    stepped = {moved_by(run, event) for event in events}
    asked = differentiated(run.recording.source)
    rows = np.flatnonzero(columns.kind == int(Kind.ACCUMULATE))
    for bucket in sorted(set(columns.site[rows].tolist())):
        leaf = trace.leaf_of.get(bucket, bucket)
        mine = rows[(columns.site[rows] == bucket) & (rows > events[0].index) & (rows < events[-1].index)].tolist()
        tensor = run.recording.bucket_leaf(bucket)
        if tensor is None or tensor in stepped or len(mine) < 2 or _made_anew(run, leaf) or run.recording.sites[leaf].name in asked:
            continue  # before the first step and after the last a gradient is looked at, and not trained with; one that grad() is asked for is wanted so
        steps = {trace.event(row).step for row in mine[:_LOOKED_AT]}
        writes = [
            row for row in trace.writes(trace.location("val", tensor)) if columns.kind[row] == int(Kind.INPLACE_WRITE) and row > mine[0]
        ]
        if writes or len(steps) < 2:
            continue
        name = node_title(trace, run.recording.sites[leaf])
        line = run.recording.sites[leaf].line
        late = _asked_late(run, tensor, events[0])
        if late is not None:
            made = rate(run, events[0])[0]
            yield Alarm(
                "left out", Severity.WARNING, "unfrozen, and no optimizer moves it",
                f"{name} (line {line}) requires grad since line {late.line}, after the optimizer of line {made} had been given what required grad then: it gets a gradient in every turn, and no step moves it.",
                "Give the optimizer all parameters from the start (it skips those that have no .grad), or add them when they are unfrozen: optimizer.add_param_group({'params': body.parameters()}).",
                late.index, (leaf, bucket), len(mine), made,
            )  # fmt: skip
            continue
        twin = _of_the_same(run, events, tensor, mine[0])
        if twin is not None:
            one, two, made = twin
            yield Alarm(
                "left out", Severity.WARNING, "an optimizer of another network",
                f"{one}{f' (line {made})' if made else ''} holds the same parameters as {two}, and none holds {name} (line {line}), which gets a gradient in every turn.",
                f"Give {one} the parameters that its loss is to train.", mine[0], (leaf, bucket), len(mine), made or rate(run, events[0])[0],
            )  # fmt: skip
            continue
        plain = _ATTRIBUTE.match(source_line(run, line))
        yield Alarm(
            "left out", Severity.WARNING, "no optimizer moves it",
            f"{name} (line {line}) gets a gradient in every turn, and no optimizer ever moves it: its .grad piles up.",
            _PLAIN.format(attribute=plain[1]) if plain is not None
            else "Give it to the optimizer. Layers in a plain Python list are not registered: use nn.ModuleList. Or turn requires_grad off.",
            mine[0], (leaf, bucket), len(mine), line if _by_hand(run, line) else rate(run, events[0])[0],
        )  # fmt: skip


def _of_the_same(run: RecordedRun, events: list[Event], tensor: int, filled: int) -> tuple[str, str, int] | None:
    """(the optimizer that steps next after a leaf got its gradient, another one that moves the very same, the line that makes the first)."""
    held: dict[str, set[int]] = {}
    for event in events:
        held.setdefault(str(event.detail.get("name") or ""), set()).add(moved_by(run, event))
    after = next((str(event.detail.get("name") or "") for event in events if event.index > filled), "")
    other = next((name for name, tensors in held.items() if name and name != after and after and tensors == held[after]), "")
    if not other or tensor in held[after]:
        return None
    made = re.compile(rf"^\s*(?:\w+\.)?{re.escape(after.split('.')[-1])}\s*=\s*.*optim")
    lines = [number for number, text in enumerate(run.recording.source.splitlines(), 1) if made.match(text)]
    return after, other, lines[0] if len(lines) == 1 else 0


def _asked_late(run: RecordedRun, tensor: int, step: Event) -> Event | None:
    """Where requires_grad of a tensor was switched on after a first step; None where it was on before."""
    trace = run.trace
    flags = trace.writes(trace.location("flag", tensor))
    late = trace.event(flags[-1]) if flags else None
    return late if late is not None and late.index > step.index and late.detail.get("value") else None


def _new_in_each_turn(run: RecordedRun, events: list[Event]) -> Iterator[Alarm]:
    """Layers and Parameters that each turn makes anew: they get a gradient once, and no optimizer knows them; one alarm."""
    trace, columns = run.trace, run.columns
    stepped = {moved_by(run, event) for event in events}
    filled = set(run.recording.first_owners(np.flatnonzero(columns.kind == int(Kind.ACCUMULATE))).tolist())
    for site in run.recording.sites:
        if site.role != "leaf" or len(trace.made[site.index]) < _TURNS or not _MAKING.search(source_line(run, site.line)):
            continue
        made = [
            event
            for row in trace.made[site.index][:_CALLS]
            if (event := trace.event(int(row))).writes and event.detail.get("requires_grad")
        ]
        tensors = {trace.tensor_of(event.writes[0].location) for event in made}
        taught = [event for event in made if trace.tensor_of(event.writes[0].location) in filled]
        if len(tensors) < _TURNS or tensors & stepped or len({event.step for event in taught}) < _TURNS:
            continue
        what = _MAKING.search(source_line(run, site.line))
        yield Alarm(
            "made anew", Severity.WARNING, "a layer that each turn makes anew",
            f"Line {site.line} makes a new {what[1] if what else 'layer'} with new numbers in each turn ({len(tensors)} so far): its gradient goes to one that no optimizer "
            "knows, and that the next turn has forgotten.",
            "Make it once, before the loop (in __init__ of the module), and give its parameters to the optimizer.", made[0].index, (site.index,), len(tensors), site.line,
        )  # fmt: skip
        return


def _made_anew(run: RecordedRun, leaf: int) -> bool:
    """Whether each turn makes another tensor at this place, and no parameter: its gradient is looked at, and then both are gone."""
    if "Parameter(" in source_line(run, run.recording.sites[leaf].line):
        return False
    tensors = {
        run.trace.tensor_of(event.writes[0].location)
        for row in run.trace.made[leaf][:_CALLS]
        if (event := run.trace.event(int(row))).writes
    }
    return len(tensors) > 1


def _by_hand(run: RecordedRun, line: int) -> bool:
    """Whether a line makes a leaf itself, and no layer that has some."""
    text = source_line(run, line)
    return "Parameter(" in text or "requires_grad" in text


def _thrown_away(run: RecordedRun, calls: list[list[Event]]) -> Iterator[Alarm]:
    """Gradients that zero_grad() clears before any step has used them, turn after turn: of several passes only the last counts."""
    trace, columns = run.trace, run.columns
    calls = [call for call in calls if call[0].detail.get("optimizer") != "LBFGS"]  # which asks for the gradient several times in a step
    lost: list[tuple[Event, Event, int]] = []
    turns: Counter[int] = Counter()  # line: calls in a row before which something was thrown away
    before = -1
    for call in calls[:_CALLS]:
        step = call[0]
        _, site = _name(run, moved_by(run, step))
        previous, before = before, step.index
        passes: list[Event] = []
        thrown: list[tuple[Event, Event]] = []
        for row in (row for row in trace.grad_writes(site) if previous < row < step.index) if site >= 0 else ():
            if columns.kind[row] == int(Kind.ACCUMULATE):
                passes.append(trace.event(row))
            elif passes and (not thrown or thrown[-1][0] is not passes[-1]) and not _looked_at(run, passes[-1], trace.event(row)):
                thrown.append((passes[-1], trace.event(row)))
        if previous >= 0 and thrown and len(passes) == len(thrown):
            thrown.pop()  # cleared before the step, and nothing since: another alarm's business
        same = len({event.line for event in passes}) == 1
        if not same:
            thrown = [pair for pair in thrown if _brings_nothing(run, *pair)]
            same = bool(thrown)
        turns[step.line] = turns[step.line] + 1 if thrown and same else 0
        lost += [(pass_, clear, step.line) for pass_, clear in thrown] if same else []
    lost = [row for row in lost if turns[row[2]] >= _TURNS]
    if not lost:
        return
    used, clear, line = lost[0]
    _, site = _name(run, moved_by(run, calls[0][0]))
    yield Alarm(
        "thrown away", Severity.WARNING, "gradients thrown away",
        f"zero_grad() in line {clear.line} throws away what backward() in line {used.line} brought, before step() in line {line} has used it: "
        "of the passes of a turn only the last one counts.",
        "To add up several passes, clear once: before the first of them, or after step().", clear.index, (site,) if site >= 0 else (), len(lost),
    )  # fmt: skip


def _looked_at(run: RecordedRun, used: Event, clear: Event) -> bool:
    """Whether the script computes with what a pass brought to a leaf before it is cleared: then it has it already."""
    brought = used.writes[0].value
    rows = (
        np.flatnonzero(np.isin(run.columns.kind[used.index + 1 : clear.index], (int(Kind.OP), int(Kind.VIEW), int(Kind.DETACH))))
        + used.index
        + 1
    )
    return brought >= 0 and any(ref.value == brought for row in rows[:_LOOKED_THROUGH].tolist() for ref in run.trace.event(row).reads)


def _brings_nothing(run: RecordedRun, used: Event, clear: Event) -> bool:
    """Whether no step of any optimizer came between a pass and what clears a leaf of it, and all else that the pass brought is cleared there as well."""
    trace, columns = run.trace, run.columns
    between = columns.kind[used.index : clear.index]
    if np.isin(between, (int(Kind.OPTIMIZER_STEP), int(Kind.ASSIGN_GRAD))).any():
        return False
    rows = np.flatnonzero((columns.pass_ == used.pass_) & (columns.kind == int(Kind.ACCUMULATE)))
    for row in rows.tolist():
        used = trace.event(row)
        later = [at for at in trace.writes(used.writes[0].location) if at > row]
        end = trace.event(later[0]) if later else None
        if end is None or end.kind != Kind.ZERO_GRAD or end.line != clear.line or _looked_at(run, used, end):
            return False
    return bool(len(rows))
