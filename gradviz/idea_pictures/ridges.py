"""Histograms of gradients, a row a layer and epoch: how gradients vanish, explode or stay level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..recording.event import Kind
from .losses import graded

if TYPE_CHECKING:
    from ..debugger.session import Session

Array = np.ndarray[Any, Any]

BINS = 41
MOST_EPOCHS = 12
TINY = 1e-12  # smaller entries stand in the first bin, where most of their gradient does not


@dataclass(frozen=True, slots=True)
class Ridge:
    """The gradients of one parameter after one backward pass.

    Attributes:
        counts: (BINS,) entries by the power of ten of their magnitude.
        zeros: entries that are exactly 0, which no bin has.
        norm: of the whole gradient: nan or inf where one of its entries is.
    """

    leaf: int
    name: str
    epoch: int
    event: int
    counts: Array
    zeros: int
    norm: float


@dataclass(frozen=True, slots=True)
class Ridges:
    """The picture: `edges` are powers of ten, (BINS + 1,); rows by layer, in each the epochs in order."""

    edges: Array
    rows: tuple[tuple[Ridge, ...], ...]


def fits(session: Session) -> bool:
    """Whether some gradient was written whose numbers were kept."""
    return any(_written(session, leaf, 2) for leaf in graded(session)[:8])


def ridges(session: Session, most_epochs: int = MOST_EPOCHS) -> Ridges | None:
    """The gradients of each parameter at the last write of each epoch (outside loops: of each pass)."""
    found: list[tuple[int, str, list[tuple[int, int, Array]]]] = []
    for leaf in graded(session):
        written = _written(session, leaf, most_epochs)
        if written:
            node = session.graph().node(leaf)
            found.append((leaf, node.title if node is not None else str(leaf), written))
    found = [(leaf, _told_apart(session, leaf, name, [other for _, other, _ in found]), written) for leaf, name, written in found]
    if not found:
        return None
    low, high = _range([_magnitudes(array) for _, _, w in found for _, _, array in w])
    edges = np.linspace(low, high if high > low else low + 1.0, BINS + 1)
    rows = []
    for leaf, name, written in found:
        rows.append(tuple(_ridge(leaf, name, epoch, event, array, edges) for epoch, event, array in written))
    return Ridges(edges, tuple(rows))


def _magnitudes(array: Array) -> Array:
    flat = np.abs(array.reshape(-1).astype(np.float64))
    return flat[np.isfinite(flat) & (flat > 0)]


def _range(gradients: list[Array]) -> tuple[float, float]:
    """The powers of ten that the picture spans: a few tiny entries do not press the others together, a gradient that is tiny is seen so."""
    some = [magnitudes for magnitudes in gradients if magnitudes.size]
    if not some:
        return -1.0, 1.0
    typical = min(float(np.median(magnitudes)) for magnitudes in some)
    low = max(min(float(magnitudes.min()) for magnitudes in some), min(TINY, typical / 10))
    high = max(max(float(magnitudes.max()) for magnitudes in some), low)
    return float(np.floor(np.log10(low) * 2) / 2), float(np.ceil(np.log10(high) * 2) / 2)


def _told_apart(session: Session, leaf: int, name: str, names: list[str]) -> str:
    """A name that several leaves have gets the line of the script that made this one, of calls the outermost."""
    site = session.recording.sites[leaf]
    return f"{name} (line {(*site.path, site.line)[0]})" if names.count(name) > 1 else name


def _ridge(leaf: int, name: str, epoch: int, event: int, array: Array, edges: Array) -> Ridge:
    flat = np.abs(array.reshape(-1).astype(np.float64))
    counts, _ = np.histogram(np.clip(np.log10(_magnitudes(array)), edges[0], edges[-1]), edges)
    with np.errstate(over="ignore", invalid="ignore"):
        norm = float(np.linalg.norm(flat))
    return Ridge(leaf, name, epoch, event, counts, int(np.count_nonzero(flat == 0)), norm)


def _written(session: Session, leaf: int, most: int) -> list[tuple[int, int, Array]]:
    """Epoch (outside loops: pass), event and numbers of the last accumulation in each, of at most so many epochs."""
    trace, columns = session.trace, session.columns
    rows = np.asarray(session.recording.events_of_site(trace.bucket_of[leaf]))
    rows = rows[columns.kind[rows] == int(Kind.ACCUMULATE)]
    epochs = np.where(columns.epoch[rows] >= 0, columns.epoch[rows], columns.pass_[rows])
    last = np.flatnonzero(np.append(epochs[1:] != epochs[:-1], True)) if len(rows) else np.zeros(0, np.int64)
    if len(last) > most:
        last = last[np.unique(np.linspace(0, len(last) - 1, most).round().astype(np.int64))]
    found = []
    for number in last.tolist():
        event = trace.event(int(rows[number]))
        picture = trace.picture(event.writes[0].value) if event.writes else None
        if picture is not None and picture.array is not None and picture.array.dtype.kind == "f":
            found.append((int(epochs[number]), event.index, picture.array))
    return found
