"""The rows of the engine's suite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.torch_module import module as engine_torch

from ..row import Row
from . import calls, growth
from .jax_peer import jit_of
from .measure import Times, interleaved, ratio
from .programs import Turns, eager, peer_torch, planned, recorded
from .workloads import WORKLOADS, Workload

_RECORDED = {"W2": 1.6, "W3": 1.6}  # with norm, extremes and counts of every tensor, over the step that nobody records


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:,.2f} ms"


def _row(name: str, ours: Times, peer: Times | None, target: float | None, whose: str = "") -> Row:
    asked = "-" if target is None else f"≤ {target:g}"
    if peer is None:
        return Row(name, _time(ours.best), "peer not installed", None, asked, None)
    found = ratio(ours, peer)
    return Row(name, _time(ours.best), f"{_time(peer.best)}{whose}", found, asked, None if target is None else found <= target)


def of_workload(workload: Workload) -> Iterator[Row]:
    """The rows of one workload."""
    torch = peer_torch()
    ways = {
        "eager": (eager(workload, engine_torch()), workload.eager),
        "recorded": (recorded(workload), workload.recorded),
        "plan": (planned(workload), workload.plan),
    }
    programs = {way: run for way, (run, _) in ways.items() if run is not None}
    if torch is not None:
        programs["torch"] = eager(workload, torch)
    jit = jit_of(workload.name)
    if jit is not None:
        programs["jax"] = jit
    times = dict(zip(programs, interleaved(list(programs.values())), strict=True))
    for way, (run, target) in ways.items():
        name = f"engine/{workload.name} {way}"
        if run is None:
            yield Row(name, "no plan", "-", None, f"≤ {target:g}", False)
        else:
            yield _row(name, times[way], times.get("torch"), target)
    if workload.name in _RECORDED:
        yield _row(f"engine/{workload.name} recorded, unrecorded", times["recorded"], times["eager"], _RECORDED[workload.name])
    if "plan" in programs:
        yield _two_threads(workload, torch)
    if "plan" in times and jit is not None:
        yield _beside_jit(workload, times, jit)


def _two_threads(workload: Workload, torch: Any) -> Row:
    """The plan and PyTorch with two threads each, measured apart: threads of other programs that spin would spoil both."""
    ours = planned(workload, threads=2)
    assert ours is not None  # it is the same step
    name = f"engine/{workload.name} plan, 2 threads"
    if torch is None:
        return _row(name, interleaved([ours])[0], None, workload.two_threads)
    torch.set_num_threads(2)
    try:
        mine, peer = interleaved([ours, eager(workload, torch)])
    finally:
        torch.set_num_threads(1)
    return _row(name, Times((mine.best,)), Times((peer.best,)), workload.two_threads)  # a spoilt round says nothing of the peer


def _beside_jit(workload: Workload, times: dict[str, Times], jit: Turns) -> Row:
    """The plan beside JAX's jit, which takes all cores for long arrays: then the plan has two threads, too."""
    ours = planned(workload, threads=2) if workload.two_threads is not None else None
    if ours is None:
        return _row(f"engine/{workload.name} plan, JAX jit", times["plan"], times["jax"], workload.jit)
    mine, peer = interleaved([ours, jit])
    return _row(f"engine/{workload.name} plan, 2 threads, JAX jit", mine, peer, workload.jit)


def table() -> Iterator[Row]:
    """All rows."""
    for workload in WORKLOADS:
        yield from of_workload(workload)
    yield from calls.rows()
    yield growth.linear()
    yield from growth.memory()
