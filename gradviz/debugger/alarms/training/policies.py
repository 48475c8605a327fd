"""Actor and critic: an advantage that goes into the policy's loss with its history, an actor that makes its value small, PPO's bound the wrong way round."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ....recording.event import Event, Kind
from ...diagnosis.finding import source_line
from ...words.names import name_of, node_title
from ..alarm import Alarm, Severity
from ..origin import behind, first_calls, maker, same_numbers
from .adversaries import way_in
from .opponents import pulled_scores
from .optimizing import moved_by

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

    Array = np.ndarray[Any, Any]

_LAYERS = frozenset({"addmm", "mm", "mv", "matmul", "bmm", "linear"})
_LOGARITHMS = frozenset({"log_softmax", "logsumexp", "log", "log_sigmoid", "binary_cross_entropy_with_logits", "cross_entropy", "nll_loss"})
_DIFFERENCES = frozenset({"sub", "rsub"})
_REGRESSIONS = frozenset({"mse_loss", "smooth_l1_loss", "huber_loss", "square"})
_REWARDS = re.compile(r"\b(?:\w*rewards?\w*|returns?(?! )|rets?|rs?|rtg)\b")  # in the line of a target
_EVENTS = 40  # behind a factor that are looked through


def entropy_of_choices(run: RecordedRun) -> Iterator[Alarm]:
    """-(p * log(p)).sum(), where p holds the one probability of each row that was chosen: an entropy is of all of them; one alarm."""
    trace, sites = run.trace, run.recording.sites
    for site in sites:
        made = trace.made[site.index]
        if site.op != "mul" or not len(made) or site.index not in trace.fired:
            continue
        event = next((each for row in made[:4] if (each := trace.event(int(row))).grad_mode), None)
        if event is None or len(event.reads) != 2:
            continue
        for one, other in (event.reads, event.reads[::-1]):
            picked = _with_its_logarithm(run, one, other, event)
            if picked is None:
                continue
            yield Alarm(
                "entropy of choices", Severity.WARNING, "an entropy of what was chosen",
                f"Line {site.line} multiplies probabilities by their logarithms, as in an entropy, and they are those that line {picked.line} has picked out, one of each row: of the other choices it knows nothing, and "
                "what it makes large is no entropy.", "Take all probabilities of each row: -(probs * probs.log()).sum(-1), or Categorical(probs=probs).entropy().",
                event.index, (site.index, picked.site), len(made), site.line,
            )  # fmt: skip
            return


def _with_its_logarithm(run: RecordedRun, one: Ref, other: Ref, at: Event) -> Event | None:
    """The event that picked a probability of each row, where one factor is it and the other its logarithm."""
    log, p = behind(run, other, at.index), behind(run, one, at.index)
    if log is None or p is None:
        return None
    if log.detail.get("op") == "log" and log.reads and log.reads[0].location == one.location:
        return _picked(run, p, "softmax")
    if p.detail.get("op") == "exp" and p.reads and p.reads[0].location == other.location:
        return _picked(run, log, "log_softmax")
    return None


def _picked(run: RecordedRun, event: Event, op: str) -> Event | None:
    source = behind(run, event.reads[0], event.index) if event.detail.get("op") in ("index", "gather") and event.reads else None
    return event if source is not None and source.detail.get("op") == op else None


@dataclass(slots=True)
class _Behind:
    """What a tensor is made of, back to the layers it comes out of."""

    layers: set[int] = field(default_factory=set)  # their events
    ops: set[str] = field(default_factory=set)


def leaking_advantages(run: RecordedRun) -> Iterator[Alarm]:
    """log-probability times (return - value), where the value has its history and is fitted to the return as well; one alarm."""
    trace, sites = run.trace, run.recording.sites
    fitted: set[int] | None = None
    for site in sites:
        made = trace.made[site.index]
        if site.op != "mul" or not len(made) or site.index not in trace.fired:
            continue
        event = trace.event(int(made[0]))
        factors = [ref for ref in event.reads if trace.requires_grad(ref.location, event.index - 1)]
        if len(factors) != 2:
            continue
        for policy, advantage in (factors, factors[::-1]):
            one, other = _behind(run, policy, event), _behind(run, advantage, event)
            if not one.ops & _LOGARITHMS or other.ops & _LOGARITHMS or not other.ops & _DIFFERENCES:
                continue
            fitted = _fitted(run) if fitted is None else fitted
            values = other.layers & fitted - one.layers
            if not values:
                continue
            name, value = (_name(run, advantage, event), _layer(run, min(values)))
            line = trace.event(trace.last_write(advantage.location, event.index - 1) or event.index).line
            yield Alarm(
                "advantage", Severity.WARNING, "the advantage is not detached",
                f"{name} (line {line}) goes into the policy's loss in line {event.line} with its history: that loss moves {value} as well, which is "
                "to be fitted to the returns and to nothing else.",
                f"Take it as a number there: {name}.detach()." if name.isidentifier() else "Take it as a number there: detach() it.",
                event.index, (site.index, trace.producer(advantage.location, event.index)), len(made), event.line,
            )  # fmt: skip
            return


def _behind(run: RecordedRun, ref: Ref, at: Event) -> _Behind:
    """Back through what is computed element by element, with history, as far as the layers."""
    trace, found = run.trace, _Behind()
    waiting, seen = [(ref.location, at.index)], set[int]()
    for location, before in waiting:
        row = trace.last_write(location, before - 1)
        if row is None or row in seen or len(seen) > _EVENTS:
            continue
        seen.add(row)
        event = trace.event(row)
        op = str(event.detail.get("op", ""))
        if event.kind not in (Kind.OP, Kind.VIEW) or not trace.has_history(event):
            continue
        found.ops.add(op)
        if op in _LAYERS:
            found.layers.add(row)
        else:
            waiting += [(each.location, row) for each in event.reads]
    return found


def _fitted(run: RecordedRun) -> set[int]:
    """The layers' outputs of which a squared (or Huber's) difference to something is made small."""
    trace, found = run.trace, set[int]()
    for site in run.recording.sites:
        made = trace.made[site.index]
        if not len(made) or site.index not in trace.fired:
            continue
        event = trace.event(int(made[0]))
        squared = site.op == "pow" and (event.detail.get("params") or {}).get("exponent") == 2
        if squared or site.op in _REGRESSIONS:
            for ref in event.reads:
                found |= _behind(run, ref, event).layers
    return found


def _name(run: RecordedRun, ref: Ref, event: Event) -> str:
    site = run.trace.producer(ref.location, event.index)
    return name_of(run.trace, site, event.index) if site >= 0 else "a tensor"


def _layer(run: RecordedRun, row: int) -> str:
    """The parameters of a layer, by one of them."""
    trace, event = run.trace, run.trace.event(row)
    for ref in event.reads:
        site = trace.producer(ref.location, row)
        if site >= 0 and run.recording.sites[site].role == "leaf" and trace.requires_grad(ref.location, row):
            return f"{node_title(trace, run.recording.sites[site])} (line {run.recording.sites[site].line})"
    return f"the layer of line {event.line}"


def larger_of_two(run: RecordedRun) -> Iterator[Alarm]:
    """PPO's clipped objective by torch.max: of the two the one that promises more, where the bound is the one that promises less; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"maximum", "minimum"})):
        if site.index not in trace.fired or len(event.reads) != 2:
            continue
        factors = [_ratio_and_advantage(run, ref, event) for ref in event.reads]
        clipped = [k for k, each in enumerate(factors) if each is not None and each[0].detail.get("op") == "clamp"]
        if len(clipped) != 1 or None in factors:
            continue
        clamp, advantage = factors[clipped[0]] or (event, None)
        plain, same = factors[1 - clipped[0]] or (event, None)
        arrivals = trace.rows_of_call(event.call).arrivals
        gradient = recording.array(trace.event(arrivals[-1]).writes[0].value) if arrivals else None
        if (
            advantage is None
            or same is None
            or not np.array_equal(advantage, same)
            or not clamp.reads
            or gradient is None
            or not gradient.any()
        ):
            continue
        if clamp.reads[0].location not in [ref.location for ref in plain.writes]:
            continue
        wanted = "minimum" if (gradient <= 0).all() else "maximum" if (gradient >= 0).all() else site.op
        if wanted == site.op:
            continue
        larger = site.op == "maximum"
        yield Alarm(
            "larger of two", Severity.WARNING, "the clipped objective is no bound",
            f"Line {site.line} takes the {'larger' if larger else 'smaller'} of ratio * advantage and its clipped form, and the loss makes that {'large' if larger else 'small'}: whatever the clipping takes away the other one gives back, "
            "and nothing keeps the new policy near the old one.",
            f"Take the {'smaller' if larger else 'larger'} one: torch.{wanted[:3]}(...).", event.index, (site.index,), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def _ratio_and_advantage(run: RecordedRun, ref: Ref, at: Event) -> tuple[Event, Array] | None:
    """What made the factor with a history, and the numbers of the one without, of a product."""
    made = behind(run, ref, at.index, through=lambda event: event.detail.get("op") == "neg" or same_numbers(event))
    if made is None or made.detail.get("op") != "mul" or len(made.reads) != 2:
        return None
    for ratio, advantage in (made.reads, made.reads[::-1]):
        if run.trace.requires_grad(ratio.location, made.index) and not run.trace.requires_grad(advantage.location, made.index):
            source, numbers = maker(run, ratio, made.index), run.recording.array(advantage.value) if advantage.value >= 0 else None
            return (source, numbers) if source is not None and numbers is not None else None
    return None


def down_the_critic(run: RecordedRun) -> Iterator[Alarm]:
    """An actor whose loss is the critic's value of what it does, without a minus: each step makes that value small; one alarm."""
    fitted: set[int] | None = None
    for score, pull in pulled_scores(run):
        if pull >= 0:
            continue
        layers, _ = way_in(run, score)
        fitted = _fitted_to_rewards(run) if fitted is None else fitted
        critic = layers & fitted
        begin, moved = _next_pass(run, score.index) if critic else (None, set[int]())
        root = maker(run, begin.reads[0], begin.index) if begin is not None and begin.reads else None
        if root is None or not moved & layers or moved & critic:
            continue
        yield Alarm(
            "reward made small", Severity.WARNING, "the actor goes down the critic",
            f"The loss is the value of line {score.line} as it is, which is fitted to rewards, and a step on it moves {node_title(run.trace, run.recording.sites[min(moved & layers)])} and not the critic: what is done is changed so "
            "that it is worth less.",
            "Put a minus before it: actor_loss = -critic(state, actor(state)).mean().", root.index, tuple(site for site in (root.site, score.site) if site >= 0), 1, root.line,
        )  # fmt: skip
        return


def _fitted_to_rewards(run: RecordedRun) -> set[int]:
    """The parameters of what is fitted to a target whose line speaks of rewards or returns, as sites."""
    trace, found = run.trace, set[int]()
    for site, event in first_calls(run, _REGRESSIONS):
        if site.index not in trace.fired or len(event.reads) != 2:
            continue
        for value, target in (event.reads, event.reads[::-1]):
            if trace.requires_grad(target.location, event.index) or not trace.requires_grad(value.location, event.index):
                continue
            made = maker(run, target, event.index)
            if any(_REWARDS.search(source_line(run, line)) for line in (site.line, made.line if made is not None else 0)):
                found |= way_in(run, replace(event, reads=(value,)))[0]
    return found


def _next_pass(run: RecordedRun, after: int) -> tuple[Event | None, set[int]]:
    """The start of the next backward pass, and what the steps before the one after it move, as sites."""
    kinds = run.columns.kind[after:]
    begins = np.flatnonzero(kinds == int(Kind.BACKWARD_BEGIN))[:2] + after
    if not len(begins):
        return None, set()
    stop = int(begins[1]) if len(begins) > 1 else run.length
    steps = np.flatnonzero(run.columns.kind[begins[0] : stop] == int(Kind.OPTIMIZER_STEP)) + begins[0]
    events = [run.trace.event(int(row)) for row in steps]
    return run.trace.event(int(begins[0])), {
        run.trace.site_of_tensor(moved_by(run, event)) for event in events if not event.detail.get("skipped")
    }
