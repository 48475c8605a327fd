"""What goes wrong in a run without an error: the first node that makes nan or inf of what was none, and the one that passes no
gradient on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..model import TENSOR, Document, ordered
from ..palette.catalogue import entry
from ..wires import links
from .evaluate import Evaluation, dtype_name

Array = np.ndarray[Any, Any]
# what an op's first input must be for a finite result
_ASKED: dict[str, tuple[Callable[[Array], Any], str]] = {
    "log": (lambda x: x > 0, "more than 0"),
    "log2": (lambda x: x > 0, "more than 0"),
    "log10": (lambda x: x > 0, "more than 0"),
    "log1p": (lambda x: x > -1, "more than -1"),
    "sqrt": (lambda x: x >= 0, "no less than 0"),
    "rsqrt": (lambda x: x > 0, "more than 0"),
    "reciprocal": (lambda x: x != 0, "not 0"),
    "asin": (lambda x: abs(x) <= 1, "between -1 and 1"),
    "acos": (lambda x: abs(x) <= 1, "between -1 and 1"),
    "atanh": (lambda x: abs(x) < 1, "between -1 and 1"),
}


def not_finite(document: Document, ran: Evaluation) -> tuple[str, str] | None:
    """The first block whose result (else whose gradient) is not finite though all that it is computed from is, and the words for it."""
    order = ordered(document)
    found = links(document.wires)
    for b in order:
        if b in ran.values and not _finite(ran.values[b]) and all(_finite(ran.values.get(s)) for s in found.sources(b)):
            return b, _forward(document, ran, b)
    for b in reversed(order):
        if b not in ran.grads or _finite(ran.grads[b]):
            continue
        readers = [t for t in found.targets(b) if t in ran.grads]
        if all(_finite(ran.grads[t]) for t in readers):
            maker = document.blocks[readers[0]].name if readers else ""
            what = _name(ran.grads[b])
            return b, f"its gradient is {what}" + (f": the slope of {maker} is {what} there" if maker else "")
    return None


def cut_off(document: Document, ran: Evaluation) -> str:
    """Why no result requires grad though tensors do: what reads them and passes none on, or that nothing reads them; "" where some does."""
    found = links(document.wires)
    quiet = {m for f in document.frames.values() if f.kind == "no_grad" for m in f.members}
    alone = [b for b, block in document.blocks.items() if block.requires_grad and not found.users.get(b)]
    for b in ordered(document):
        sources = [s for s in found.sources(b) if ran.requires_grad.get(s)]
        if not sources or ran.requires_grad.get(b) or b not in ran.values:
            continue
        block, before = document.blocks[b], document.blocks[sources[0]].name
        if b in quiet:
            return f"{block.name} is inside no_grad: nothing behind it knows of {before}"
        if block.op == "torch.detach":
            return f"{block.name} detaches {before}: nothing behind it knows of it"
        kind = ran.values[b].dtype
        if kind.kind not in "fc":
            return f"{block.name} gives {dtype_name(kind)}, which has no gradient: nothing behind it knows of {before}"
        return f"{block.name} has no derivative: nothing behind it knows of {before}"
    return f"Nothing reads {document.blocks[alone[0]].name} yet" if alone else ""


def _forward(document: Document, ran: Evaluation, block_id: str) -> str:
    block, what = document.blocks[block_id], _name(ran.values[block_id])
    if block.op == TENSOR:
        return f"it holds {what}"
    found = entry(block.op)
    title = found.title if found is not None else block.op
    sources = list(document.inputs(block_id).items())
    first = sources[0][1].source if sources else ""
    if title in _ASKED and first in ran.values:
        fits, words = _ASKED[title]
        with np.errstate(all="ignore"):
            wrong = ran.values[first][~np.asarray(fits(ran.values[first]))].reshape(-1)
        if wrong.size:
            return f"{title}({wrong[0]:.4g}) is {what}: its input has to be {words}"
    if title in ("div", "divide", "true_divide") and len(sources) > 1:
        below = ran.values.get(sources[1][1].source)
        if below is not None and bool(np.any(below == 0)):
            return f"{what} from a division by 0: {document.blocks[sources[1][1].source].name} has a 0"
    return f"{title} gives the first {what}"


def _finite(array: Array | None) -> bool:
    return array is None or array.dtype.kind not in "fc" or bool(np.isfinite(array).all())


def _name(array: Array) -> str:
    return "nan" if bool(np.isnan(array).any()) else "inf" if bool((array.real > 0)[~np.isfinite(array)].any()) else "-inf"
