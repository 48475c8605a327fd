"""Writes that autograd does not see: through `.data`, into what a node has saved.

PyTorch gives `.data` a version counter of its own, so backward() finds nothing wrong and computes with the new numbers: the
gradient of a function that was never evaluated (torch.Tensor.detach, "In-place correctness checks").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event, Kind
from ...words.names import node_title
from ..alarm import Alarm, Severity

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_SWAPPED = ("data", "what_if")  # the tensor got another storage; what was saved keeps the old one


def behind_autograd(run: RecordedRun) -> Iterator[Alarm]:
    """Each write into shared memory between a save and the vjp that read the save, one alarm a line."""
    trace, columns = run.trace, run.columns
    if not ((columns.kind == int(Kind.DETACH)).any() and (columns.kind == int(Kind.INPLACE_WRITE)).any()):
        return
    aliases = [trace.event(row) for row in np.flatnonzero(np.isin(columns.kind, (int(Kind.DETACH), int(Kind.VIEW)))).tolist()]
    root: dict[int, int] = {}
    cut: set[int] = set()
    for event in aliases:
        source, copy = (trace.tensor_of(refs[0].location) if refs else -1 for refs in (event.reads, event.writes))
        root[copy] = root.get(source, source)
        if event.kind == Kind.DETACH or source in cut:
            cut.add(copy)
    saves: dict[int, list[Event]] = {}
    for row in np.flatnonzero(columns.kind == int(Kind.SAVE)).tolist():
        event = trace.event(row)
        if event.reads:
            tensor = trace.tensor_of(event.reads[0].location)
            saves.setdefault(root.get(tensor, tensor), []).append(event)
    told: set[int] = set()
    for row in np.flatnonzero(columns.kind == int(Kind.INPLACE_WRITE)).tolist():
        write = trace.event(row)
        tensor = trace.tensor_of(write.writes[0].location) if write.writes else -1
        if tensor not in cut or write.line in told or write.detail.get("via") in _SWAPPED:
            continue
        for save in saves.get(root[tensor], ()):
            fired = next((k for k in trace.rows_of_call(save.call).fires if k > row), None)
            if save.index < row and fired is not None:
                told.add(write.line)
                yield _alarm(run, root[tensor], save, write, trace.event(fired))
                break


def _alarm(run: RecordedRun, tensor: int, save: Event, write: Event, fired: Event) -> Alarm:
    trace, sites = run.trace, run.recording.sites
    site = trace.site_of_tensor(tensor)
    name = node_title(trace, sites[site]) if site >= 0 else "a value"
    keeper = sites[save.site]
    nodes = tuple(dict.fromkeys(k for k in (save.site, site, write.site) if k >= 0))
    return Alarm(
        "hidden write", Severity.ERROR, "changed behind autograd's back",
        f"{keeper.grad_fn} (line {keeper.line}) kept {name} for backward; line {write.line} overwrote it through .data, which PyTorch does not count as a "
        f"write; backward() in line {fired.line} used the new numbers. The gradient is wrong, and PyTorch says nothing.",
        f"Write under no_grad instead ({name}.mul_(...) and the like): PyTorch then refuses what cannot be right. Or write after backward().",
        write.index, nodes,
    )  # fmt: skip
