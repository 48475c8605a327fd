"""The curve of a leaf's `.grad` as CSV (RFC 4180): a row for each write."""

from __future__ import annotations

import csv
import io

from ..debugger.answers import Series


def to_csv(series: Series) -> str:
    """Event (from 1, as the timeline counts), epoch, what wrote, norm, the first elements."""
    out = io.StringIO()
    writer = csv.writer(out)
    width = max((len(row) for row in series.elements), default=0)
    writer.writerow(["event", "epoch", "write", "norm", *(f"{series.name}[{k}]" for k in range(width))])
    for event, epoch, kind, norm, elements in zip(series.events, series.epochs, series.kinds, series.norms, series.elements, strict=True):
        writer.writerow([event + 1, epoch if epoch >= 0 else "", kind, repr(norm), *(repr(value) for value in elements)])
    return out.getvalue()
