"""The Jacobian of one op as a grid, and what backward does with it: v times J, without ever building J."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..debugger.derivation.derivation import call_at
from ..debugger.derivation.jacobian import MOST_SIDE, matrix_of
from ..recording.event import Kind

if TYPE_CHECKING:
    from ..debugger.session import Session

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Jacobian:
    """The picture of one input of a node that fires.

    Attributes:
        matrix: (outputs, inputs): entry i, j says how output i changes with input j.
        v: (outputs,) the gradient that came in.
        product: (inputs,) v times the matrix.
        recorded: (inputs,) what the node handed on.
    """

    event: int
    node: int
    grad_fn: str
    input_nr: int
    output: str
    input: str
    output_shape: tuple[int, ...]
    input_shape: tuple[int, ...]
    matrix: Array
    v: Array
    product: Array
    recorded: Array

    @property
    def is_diagonal(self) -> bool:
        """Whether each output depends on its own input only: then a product element by element is enough."""
        rows, columns = self.matrix.shape
        return rows == columns and not np.any(self.matrix[~np.eye(rows, dtype=bool)])


def firing_near(session: Session, position: int) -> int | None:
    """The node that fires at a moment, else the last one before, else the first of the recording."""
    rows = session.recording.events_of_kind(Kind.VJP)
    if not len(rows):
        return None
    number = int(np.searchsorted(rows, position, side="right"))
    return int(rows[number - 1] if number else rows[0])


def fits(session: Session) -> bool:
    """Whether some node fires whose grid is small enough to be drawn."""
    return any(jacobians(session, int(row)) for row in session.recording.events_of_kind(Kind.VJP)[:24])


def jacobians(session: Session, event: int) -> tuple[Jacobian, ...]:
    """The grids of a VJP event, one for each input that got a gradient; empty where they are too large or not known."""
    found = call_at(session.recording, session.trace, event)
    if found is None:
        return ()
    call, upstream, titles = found
    row = session.trace.event(event)
    if upstream.array is None or not 0 < upstream.array.size <= MOST_SIDE or upstream.array.dtype.kind != "f":
        return ()
    site = session.recording.sites[row.site]
    name = site.name or site.op
    numbers = row.detail.get("inputs") or range(len(row.writes))
    out = []
    for nr, ref in zip(numbers, row.writes, strict=False):
        picture = session.trace.picture(ref.value)
        if picture is None or picture.array is None or not 0 < picture.array.size <= MOST_SIDE or picture.array.dtype.kind != "f":
            continue
        matrix = matrix_of(call, int(nr), upstream.array, picture.array.shape)
        v = upstream.array.reshape(-1).astype(np.float64)
        recorded = picture.array.reshape(-1).astype(np.float64)
        if matrix is None and v.size == 1 and v[0] != 0:
            matrix = recorded[None, :] / v[0]  # one row: what was handed on says it, where the rule cannot be run again
        if matrix is None:
            continue
        shapes = (upstream.array.shape, picture.array.shape)
        title = titles.get(int(nr), f"input {nr}")
        grad_fn = site.grad_fn or site.op
        out.append(Jacobian(event, row.site, grad_fn, int(nr), name, title, *shapes, matrix, v, v @ matrix, recorded))
    return tuple(out)
