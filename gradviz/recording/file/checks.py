"""What a chunk says, read with care: whatever a file holds, a sentence comes of it and nothing worse."""

from __future__ import annotations

import json
from math import prod
from typing import Any

import numpy as np

from engine.half.bfloat16 import WORD

from ..columns.columns import Ints
from ..columns.layout import EVENT_COLUMNS, REF_COLUMNS
from ..event import Kind, Phase, Site
from ..form import Form
from ..location import SUB_BITS
from ..problem import RecordingProblem
from .chunk import VALUE_KINDS

_LENGTHS = "The recording is damaged: its columns have different lengths."


def rows_of(tables: dict[str, Any], name: str) -> list[Any]:
    rows = tables.get(name)
    if not isinstance(rows, list):
        raise RecordingProblem(f"The recording is damaged: a chunk has no {name}.")
    return rows


def site_of(row: Any) -> Site:
    try:
        index, role, op, grad_fn, name, line, path, occurrence = row
        return Site(int(index), str(role), str(op), str(grad_fn), str(name), int(line), tuple(map(int, path)), int(occurrence))
    except (TypeError, ValueError, OverflowError) as problem:
        raise RecordingProblem("The recording is damaged: a site cannot be read.") from problem


def template_of(text: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    try:
        static, fields = json.loads(text)
        if "numbers" in static:
            static["numbers"] = {int(k): v for k, v in static["numbers"].items()}
        return dict(static), tuple(map(str, fields))
    except (TypeError, ValueError, AttributeError, RecursionError) as problem:
        raise RecordingProblem("The recording is damaged: a detail cannot be read.") from problem


def form_of(row: Any) -> Form:
    try:
        name, shape, *order = row
        dtype = np.dtype(str(name))
        sizes = tuple(map(int, shape))
        axes = tuple(map(int, order[0])) if order else ()
    except (TypeError, ValueError, SyntaxError, OverflowError) as problem:
        raise RecordingProblem("The recording is damaged: the type of a value cannot be read.") from problem
    addressed = dtype.itemsize * prod(max(size, 1) for size in sizes)  # numpy leaves out zeros, too, when it looks whether a shape can be
    if (dtype.kind not in VALUE_KINDS and dtype != WORD) or len(sizes) > 32 or min(sizes, default=0) < 0 or addressed >= 1 << 62:
        raise RecordingProblem("The recording is damaged: a value has an impossible type or shape.")
    if axes and sorted(axes) != list(range(len(sizes))):
        raise RecordingProblem("The recording is damaged: the axes of a value are not those of its shape.")
    return Form(dtype, sizes, axes)


def leaves_of(rows: list[Any]) -> dict[int, int]:
    try:
        return {int(site): int(tensor) for site, tensor in rows}
    except (TypeError, ValueError, OverflowError) as problem:
        raise RecordingProblem("The recording is damaged: its leaves cannot be read.") from problem


def check(columns: dict[str, Ints], sites: int, templates: int, values: int) -> None:
    """Refuse a chunk whose columns do not fit together."""
    rows = len(columns["kind"])
    if any(len(columns[name]) != rows for name in EVENT_COLUMNS):
        raise RecordingProblem(_LENGTHS)
    limits = {
        "kind": (0, len(Kind) - 1), "site": (-1, sites - 1), "template": (0, templates - 1), "phase": (0, len(Phase) - 1),
        "value": (-1, values - 1), "reads": (0, 1 << 24), "writes": (0, 1 << 24), "extras_count": (0, 1 << 24),
        "owner": (0, 1 << 38), "sub": (0, (1 << SUB_BITS) - 1), "tensor_site": (-1, sites - 1),
    }  # fmt: skip
    for name, (low, high) in limits.items():
        column = columns[name]
        if len(column) and (column.min() < low or column.max() > high):
            raise RecordingProblem(f"The recording is damaged: its column {name} points outside.")
    refs = int((columns["reads"] + columns["writes"]).sum())
    if any(len(columns[name]) != refs for name in REF_COLUMNS) or len(columns["extra"]) != int(columns["extras_count"].sum()):
        raise RecordingProblem(_LENGTHS)
