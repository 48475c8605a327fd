"""Vectors that are compared by their products: divided by norms over the samples, or along another dimension than the product adds up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ....recording.event import Event
from ...diagnosis.finding import source_line
from ...float64 import widened
from ..alarm import Alarm, Severity
from ..origin import behind, first_calls, maker, readers

if TYPE_CHECKING:
    from ....recording.event import Ref
    from ...recorded_run import RecordedRun

_LITTLE = 1e-2
_NORMS = frozenset({"linalg_vector_norm", "norm"})
_GIVING_ON = frozenset({"clamp", "add", "expand", "unsqueeze", "sqrt"})  # between a norm and the division by it
_VIEWS = 8


def normalized_over_the_batch(run: RecordedRun) -> Iterator[Alarm]:
    """Vectors that are compared by their products, divided by norms over the samples and not by their own; one alarm."""
    trace, recording = run.trace, run.recording
    for site in recording.sites:
        made = trace.made[site.index]
        event = trace.event(int(made[0])) if site.op in ("mm", "matmul") and len(made) and site.index in trace.fired else None
        for ref in event.reads[:1] if event is not None else ():
            row = trace.last_write(ref.location, event.index - 1) if event is not None else None
            divided = trace.event(row) if row is not None else None
            vectors = recording.array(ref.value) if ref.value >= 0 else None
            if (
                divided is None
                or divided.detail.get("op") not in ("div", "mul")
                or vectors is None
                or vectors.ndim != 2
                or min(vectors.shape) < 2
            ):
                continue
            source = trace.producer(divided.reads[0].location, divided.index)
            if source < 0 or recording.sites[source].role == "leaf":
                continue  # the columns of a matrix of weights
            columns, rows = (np.sqrt(np.square(widened(vectors)).sum(axis=axis)) for axis in (0, 1))
            if not np.allclose(columns, 1, atol=_LITTLE) or np.allclose(rows, 1, atol=_LITTLE) or vectors.shape[0] == vectors.shape[1]:
                continue
            yield Alarm(
                "normalized over the batch", Severity.WARNING, "normalized over the batch",
                f"Line {divided.line} divides by norms over dimension 0, the {vectors.shape[0]} samples: each feature has length 1 over the batch, and the vectors that line {site.line} compares "
                f"have lengths from {rows.min():.2g} to {rows.max():.2g}.",
                "Normalize each sample: F.normalize(x, dim=1).", divided.index, (divided.site, site.index), len(made), divided.line,
            )  # fmt: skip
            return


def similar_over_the_batch(run: RecordedRun) -> Iterator[Alarm]:
    """cosine_similarity(a, b, dim=0) of two batches: a number for each feature, over all samples; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"linalg_vector_norm"})):
        shape = recording.form(event.reads[0].value)[0] if event.reads and event.reads[0].value >= 0 else ()
        if (event.detail.get("params") or {}).get("dim") != 0 or len(shape) != 2 or min(shape) < 2 or site.index not in trace.fired:
            continue
        if "cosine_similarity" in source_line(run, site.line) or "CosineSimilarity(" in recording.source:
            yield Alarm(
                "normalized over the batch", Severity.WARNING, "similar over the batch",
                f"The cosine similarity of line {site.line} goes over dimension 0 of shape {tuple(shape)}, the {shape[0]} samples: it is a number for each of {shape[1]} features, and says of no "
                "sample how near its two vectors are.", "Take it over the features: dim=1, or dim=-1.", event.index, (site.index,), len(trace.made[site.index]), site.line,
            )  # fmt: skip
            return


def along_another_dimension(run: RecordedRun) -> Iterator[Alarm]:
    """Two batches of vectors, each divided by its norms, and a product of both that adds up along another dimension; one alarm.

    F.normalize takes dimension 1 unless it is told, which is time in (samples, time, features).
    """
    recording = run.recording
    for site, event in first_calls(run, frozenset({"mm", "bmm", "mul"})):
        if site.index not in run.trace.fired or len(event.reads) != 2 or min(ref.value for ref in event.reads) < 0:
            continue
        axes = _added_up(run, event)
        divided = [_divided(run, ref, event) for ref in event.reads]
        one, other = divided
        if axes is None or one is None or other is None:
            continue
        factors = [recording.array(ref.value) for ref in event.reads]
        if any(array is None or not array.size or _unit(array, axis) for array, axis in zip(factors, axes, strict=True)):
            continue
        (division, norm), (again, _) = one, other
        dim, shape = norm.detail["params"]["dim"], recording.form(norm.reads[0].value)[0]
        sizes = [recording.form(ref.value)[0][axis] for ref, axis in zip(event.reads, axes, strict=True)]
        if sizes[0] != shape[-1] or shape[dim] < 2:
            continue
        yield Alarm(
            "normalized along", Severity.WARNING, "normalized along another dimension",
            f"Line {division.line} divides by norms along dimension {dim} of shape {tuple(shape)}, of {shape[dim]}, and line {site.line} compares what comes out by products that add up the {sizes[0]} numbers of the last one: "
            "the vectors that it compares have not length 1, and what each counts depends on the others along dimension " + f"{dim}.",
            "Normalize along the last dimension: F.normalize(x, dim=-1).", division.index, tuple(dict.fromkeys((division.site, again.site, site.index))), len(run.trace.made[site.index]), division.line,
        )  # fmt: skip
        return


def _added_up(run: RecordedRun, product: Event) -> tuple[int, int] | None:
    """Along which axis of each factor a product adds up; of a product element by element, the sum behind it says so."""
    if product.detail.get("op") != "mul":
        return -1, -2
    summed = next((event for event in readers(run, product.writes[0].location) if event.detail.get("op") == "sum"), None)
    dim = (summed.detail.get("params") or {}).get("dim") if summed is not None else None
    dim = dim[0] if isinstance(dim, list) and len(dim) == 1 else dim
    shape = run.recording.form(product.writes[0].value)[0] if product.writes[0].value >= 0 else ()
    return (-1, -1) if isinstance(dim, int) and len(shape) > 2 and dim in (-1, len(shape) - 1) else None


def _divided(run: RecordedRun, ref: Ref, at: Event) -> tuple[Event, Event] | None:
    """The division of results of layers by their norms along a dimension that is not the last, with those norms, behind views; None for others."""
    event = behind(run, ref, at.index)
    source = run.trace.producer(event.reads[0].location, event.index) if event is not None and event.reads else -1
    if (
        event is None
        or event.detail.get("op") != "div"
        or len(event.reads) != 2
        or source < 0
        or run.recording.sites[source].role == "leaf"
    ):
        return None
    norm = maker(run, event.reads[1], event.index)
    for _ in range(_VIEWS):
        if norm is None or norm.detail.get("op") not in _GIVING_ON or not norm.reads:
            break
        norm = maker(run, norm.reads[0], norm.index)
    dim = (norm.detail.get("params") or {}).get("dim") if norm is not None and norm.detail.get("op") in _NORMS else None
    shape = run.recording.form(norm.reads[0].value)[0] if norm is not None and norm.reads and norm.reads[0].value >= 0 else ()
    return (event, norm) if norm is not None and isinstance(dim, int) and len(shape) > 2 and 0 < dim < len(shape) - 1 else None


def _unit(array: np.ndarray, axis: int) -> bool:
    """Whether all vectors along an axis have length 1."""
    return bool(np.allclose(np.sqrt(np.square(widened(array)).sum(axis=axis)), 1, atol=_LITTLE))
