"""The rows of the engine's suite."""

from __future__ import annotations

from collections.abc import Iterator

from engine.torch_module import module as engine_torch

from ..row import Row
from .measure import Times, interleaved, ratio
from .programs import eager, peer_torch, planned, recorded
from .workloads import WORKLOADS, Workload


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:,.2f} ms"


def _row(name: str, ours: Times, peer: Times | None, target: float | None) -> Row:
    asked = "-" if target is None else f"≤ {target:g}"
    if peer is None:
        return Row(name, _time(ours.best), "peer not installed", None, asked, None)
    found = ratio(ours, peer)
    return Row(name, _time(ours.best), _time(peer.best), found, asked, None if target is None else found <= target)


def of_workload(workload: Workload) -> Iterator[Row]:
    """The rows of one workload."""
    torch = peer_torch()
    ways = {
        "eager": (eager(workload, engine_torch()), workload.eager),
        "recorded": (recorded(workload), workload.recorded),
        "plan": (planned(workload), workload.plan),
    }
    programs = [run for run, _ in ways.values() if run is not None]
    peers = [eager(workload, torch)] if torch is not None else []
    times = interleaved([*programs, *peers])
    peer = times[-1] if peers else None
    taken = iter(times)
    for way, (run, target) in ways.items():
        name = f"engine/{workload.name} {way}"
        if run is None:
            yield Row(name, "no plan", "-", None, f"≤ {target:g}", False)
        else:
            yield _row(name, next(taken), peer, target)


def table() -> Iterator[Row]:
    """All rows."""
    for workload in WORKLOADS:
        yield from of_workload(workload)
