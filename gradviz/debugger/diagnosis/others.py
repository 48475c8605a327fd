"""Roots that are no single number, numpy, whole numbers, unused inputs, shapes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...recording.event import Event, Kind
from .finding import Diagnosis, Fix, replaced, source_line

if TYPE_CHECKING:
    from ..session import Session


def not_scalar(session: Session, _text: str, line: int) -> Diagnosis:
    before = source_line(session, line)
    called = re.search(r"([A-Za-z_]\w*)\.backward\(\s*\)", before)
    name = called[1] if called else "the tensor"
    node = next((n for n in reversed(session.graph().nodes) if called and n.title == called[1]), None)
    shape = f" of shape {tuple(node.shape)}" if node is not None else ""
    fix = Fix(line, before, before.replace(f"{name}.backward()", f"{name}.sum().backward()", 1)) if called else None
    return Diagnosis(
        "not scalar",
        f"{name} is a tensor{shape}: a gradient is of one number. backward() needs to know the weight of each element (the vector of the "
        "vector-Jacobian product).",
        -1, (node.id,) if node is not None else (), fix, f"Reduce it first ({name}.sum() or .mean()), or give {name}.backward(gradient=v) with v of its shape.",
        line,
    )  # fmt: skip


def numpy(session: Session, _text: str, line: int) -> Diagnosis:
    """numpy shares the memory, and would write where autograd does not see it."""
    fix = replaced(session, line, r"\.numpy\(\)", ".detach().numpy()") or replaced(
        session, line, r"\bnp\.(\w+)\(([A-Za-z_]\w*)", r"np.\1(\2.detach().numpy()"
    )
    return Diagnosis(
        "numpy",
        "numpy would share the memory, and autograd would not see what is written there: the history has to be cut first.",
        fix=fix, advice="x.detach().numpy() gives the numbers without the history.",
    )  # fmt: skip


def integers(session: Session, _text: str, line: int) -> Diagnosis:
    before = source_line(session, line)
    after = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"\1.0", before, count=1) if "tensor(" in before else ""
    fix = Fix(line, before, after) if after and after != before else None
    return Diagnosis(
        "integer leaf",
        "Whole numbers have no slope: a gradient needs a floating dtype.",
        fix=fix,
        advice="Write 1.0 and not 1, or dtype=torch.float32.",
        line=line,
    )


def anomaly(session: Session, text: str, line: int) -> Diagnosis | None:
    """What detect_anomaly stopped: the forward line of the node whose backward gave nan."""
    found = re.search(r"Function '(\w+)' returned nan values", text)
    site = next((s for s in reversed(session.recording.sites) if found is not None and s.grad_fn == found[1]), None)
    if found is None or site is None:
        return None
    born = session.trace.latest_made(site.index, session.length)
    return Diagnosis(
        "nan in backward", f"backward() in line {line} got nan out of {found[1]}, the backward of {site.name or site.op} in line {site.line}.",
        -1 if born is None else born, (site.index,), None,
        "Its input stands where the slope is infinite or not defined (sqrt and norm at 0, log of 0, 0 / 0): keep it away from there, in branches that a where "
        "does not take as well.", site.line,
    )  # fmt: skip


def unused(_session: Session, _text: str, line: int) -> Diagnosis:
    return Diagnosis(
        "unused",
        "One of the inputs is not part of the graph of the output, so there is no way back to it.",
        advice="Pass allow_unused=True to get None for it, or leave it out.",
        line=line,
    )


def shapes(session: Session, text: str, line: int) -> Diagnosis | None:
    found = re.search(r"\((\d+)x(\d+) and (\d+)x(\d+)\)", text)
    if found is None:
        return None
    a, b, c, d = (int(size) for size in found.groups())
    sentence = f"A {a} x {b} matrix times a {c} x {d} one: the {b} columns of the first must be as many as the {c} rows of the second."
    flattened = _flattened(session, a, b, c)
    if flattened is not None:
        batch = b // c
        return Diagnosis(
            "shapes", f"{sentence} Line {flattened.line} has flattened the batch as well: {b} = {batch} samples x {c} features.",
            flattened.index, (flattened.site,) if flattened.site >= 0 else (), None,
            f"Keep the first dimension: torch.flatten(x, 1), or x.view(x.size(0), -1). Then it is {batch} x {c}.",
        )  # fmt: skip
    return Diagnosis(
        "shapes",
        sentence,
        advice="Transpose one of them (.T), or change the layer's in_features." if b == d or a == c else "Look at where each comes from.",
        line=line,
    )


def _flattened(session: Session, rows: int, width: int, wanted: int) -> Event | None:
    """The view that made one row of a whole batch."""
    if rows != 1 or wanted <= 0 or width % wanted or width == wanted:
        return None
    forms = session.recording.form
    for row in range(session.length - 1, max(-1, session.length - 40), -1):
        event = session.trace.event(row)
        if (
            event.kind not in (Kind.VIEW, Kind.OP)
            or not event.reads
            or not event.writes
            or min(event.reads[0].value, event.writes[0].value) < 0
        ):
            continue
        before, after = forms(event.reads[0].value)[0], forms(event.writes[0].value)[0]
        if after in ((width,), (1, width)) and len(before) > 1 and before[0] == width // wanted:
            return event
    return None
