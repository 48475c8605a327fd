"""Normal distributions that a network gives: a variance that is taken for a standard deviation, one draw for all samples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....recording.event import Event, Kind
from ...diagnosis.finding import source_line
from ..alarm import Alarm, Severity
from ..origin import behind, called, first_calls, maker, readers

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_TURNS = 2  # in which it is drawn anew
_DRAWN = re.compile(r"\brandn\(|\bnormal\(|normal_\(")
_NOISE = re.compile(r"randn|normal|noise|eps", re.IGNORECASE)


def variance_for_spread(run: RecordedRun) -> Iterator[Alarm]:
    """noise * exp(v) in a draw, and 1 + v - mu**2 - exp(v) in its divergence: there exp(v) is the variance, and the spread is exp(v / 2); one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"exp"})):
        if not event.reads or not event.writes or not any(_with_noise(run, reader) for reader in readers(run, event.writes[0].location)):
            continue
        divergence = _as_variance(run, event)
        if divergence is None:
            continue
        name = called(run, event.reads[0], event.index)
        yield Alarm(
            "variance", Severity.WARNING, "a variance in the place of a standard deviation",
            f"The noise is multiplied by exp({name}) (line {site.line}), and in line {divergence.line} exp({name}) is the variance of the same distribution, beside 1 + {name}: the standard "
            "deviation is its root.", f"std = torch.exp(0.5 * {name}).", event.index, (site.index, divergence.site), len(trace.made[site.index]), site.line,
        )  # fmt: skip
        return


def logarithm_for_spread(run: RecordedRun) -> Iterator[Alarm]:
    """noise * exp(v / 2) in a draw, and v**2 - log(v**2) in its divergence: there v is taken for the standard deviation, of which it is the logarithm; one alarm."""
    trace = run.trace
    for site, event in first_calls(run, frozenset({"exp"})):
        if not event.reads or not event.writes or not any(_with_noise(run, reader) for reader in readers(run, event.writes[0].location)):
            continue
        halved = maker(run, event.reads[0], event.index)
        scaled = halved is not None and halved.detail.get("op") in ("mul", "div") and len(halved.reads) == 1
        given = halved.reads[0] if scaled and halved is not None else event.reads[0]
        squares = [each for each in readers(run, given.location) if _squares(each) and each.writes]
        squared = next(
            (each for each in squares if any(after.detail.get("op") == "log" for after in readers(run, each.writes[0].location))), None
        )
        beside_one = any(
            each.detail.get("op") in ("add", "sub", "rsub") and 1 in (each.detail.get("numbers") or {}).values()
            for each in readers(run, given.location)
        )
        if squared is None and beside_one and squares and not _exponential_summed(run, given.location):
            squared = squares[0]
        if squared is None or squared.site not in trace.fired:
            continue
        name = called(run, given, event.index)
        yield Alarm(
            "variance", Severity.WARNING, "a logarithm in the place of a standard deviation",
            f"Line {site.line} draws with a spread of exp({name}{' / 2' if scaled else ''}), so {name} is a logarithm; line {squared.line} squares {name} itself, as if it were the standard deviation, where the divergence has the variance, exp({name}).",
            f"With {name} = log(variance): 0.5 * (mu**2 + {name}.exp() - {name} - 1).", squared.index, (squared.site, site.index), len(trace.made[site.index]), squared.line,
        )  # fmt: skip
        return


def _exponential_summed(run: RecordedRun, location: int) -> bool:
    """Whether exp(v) stands in a sum, as the variance in a divergence does."""
    exps = [each for each in readers(run, location) if each.detail.get("op") == "exp" and each.writes]
    return any(after.detail.get("op") in ("add", "sub") for each in exps for after in readers(run, each.writes[0].location))


def _squares(event: Event) -> bool:
    two = (event.detail.get("params") or {}).get("exponent") == 2
    return event.detail.get("op") == "square" or (event.detail.get("op") == "pow" and two)


def _with_noise(run: RecordedRun, event: Event) -> bool:
    """Whether an event multiplies with numbers that are drawn."""
    if event.detail.get("op") not in ("mul", "addcmul") or len(event.reads) < 2:
        return False
    sources = [behind(run, ref, event.index) for ref in event.reads]
    return any(
        source is not None and source.kind == Kind.CREATE_LEAF and _NOISE.search(source_line(run, source.line)) for source in sources
    )


def _as_variance(run: RecordedRun, spread: Event) -> Event | None:
    """The sum in which exp(v) stands as it is, where v stands in a sum with 1 as well."""
    given = spread.reads[0].location
    following = readers(run, given)
    if not any(event.detail.get("op") in ("add", "sub") and 1 in (event.detail.get("numbers") or {}).values() for event in following):
        return None
    for event in following:
        if event.detail.get("op") != "exp" or not event.writes:
            continue
        summed = next((reader for reader in readers(run, event.writes[0].location) if reader.detail.get("op") in ("add", "sub")), None)
        if summed is not None and summed.site in run.trace.fired:
            return summed
    return None


def one_noise_for_all(run: RecordedRun) -> Iterator[Alarm]:
    """mu + std * torch.randn(z), where std has a row for each sample: all samples of a batch are moved by the same noise; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"mul"})):
        if (
            site.index not in trace.fired
            or len(event.reads) != 2
            or min(ref.value for ref in event.reads) < 0
            or len(trace.made[site.index]) < _TURNS
        ):
            continue
        for spread, noise in (event.reads, event.reads[::-1]):
            shape, drawn = (recording.form(ref.value)[0] for ref in (spread, noise))
            source, made = behind(run, noise, event.index), behind(run, spread, event.index)
            if len(shape) != 2 or shape[0] < 2 or drawn not in (shape[1:], (1, *shape[1:])) or source is None or made is None:
                continue
            of_each = trace.requires_grad(spread.location, event.index) and made.detail.get("op") in ("exp", "softplus", "sqrt")
            if (
                not of_each
                or source.kind not in (Kind.CREATE_LEAF, Kind.INPLACE_WRITE)
                or len(trace.made[source.site]) < _TURNS
                or not _DRAWN.search(source_line(run, source.line))
            ):
                continue
            yield Alarm(
                "one noise", Severity.WARNING, "one noise for all samples",
                f"Line {source.line} draws {drawn[-1]} numbers, and line {site.line} multiplies them with a spread of shape {tuple(shape)}: all {shape[0]} samples of a batch are moved by the same noise, and the mean over the batch "
                "does not average it out.",
                "Draw numbers for each sample: torch.randn_like(std).", source.index, (source.site, site.index), len(trace.made[site.index]), source.line,
            )  # fmt: skip
            return
