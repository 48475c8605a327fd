"""A vjp written out as a LaTeX document: formula, what the symbols are, and the numbers of the moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..debugger.answers import Derivation, Operand
from ..recording.event import Kind
from .cancelled import Cancelled, Progress

if TYPE_CHECKING:
    from ..debugger.session import Session

MOST = 500  # nodes of one document
LARGEST = 8  # rows and columns of a matrix that are written out
_HEAD = r"""\documentclass{article}
\usepackage{amsmath,amssymb}
\setcounter{MaxMatrixCols}{20}
\begin{document}
"""
_SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}


def text(plain: str) -> str:
    """Words for a LaTeX document; what its fonts lack becomes a question mark."""
    return "".join(_SPECIAL.get(c, c if ord(c) < 256 else "?") for c in plain)


def number(value: complex) -> str:
    """A number in mathematics."""
    if isinstance(value, complex):
        return f"{number(value.real)}{'' if value.imag < 0 else '+'}{number(value.imag)}i"
    if np.isnan(value):
        return r"\mathrm{nan}"
    if np.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    mantissa, _, exponent = f"{value:.5g}".partition("e")
    return mantissa if not exponent else rf"{mantissa}\cdot 10^{{{int(exponent)}}}"


def matrix(operand: Operand) -> str:
    """The numbers of an operand; a large one by its shape and norm."""
    picture = operand.picture
    array = picture.array
    if array is None or array.ndim > 2 or any(n > LARGEST for n in array.shape):
        shape = r" \times ".join(map(str, picture.stats.shape)) or "1"
        return rf"\text{{${shape}$, norm ${number(picture.stats.whole_norm)}$}}"
    if not array.ndim:
        return number(array.item())
    rows = np.atleast_2d(array)
    return r"\begin{pmatrix} " + r" \\ ".join(" & ".join(map(number, row)) for row in rows.tolist()) + r" \end{pmatrix}"


def to_latex(derivations: Sequence[Derivation], title: str) -> str:
    """A document with one section for each input that got a gradient.

    Raises:
        ValueError: there is none: the moment is no vjp.
    """
    if not derivations:
        raise ValueError("There is no derivation at this moment: step to a backward node (vjp) first.")
    return "\n".join([_HEAD, rf"\section*{{{text(title)}}}", "", *_written_out(derivations), r"\end{document}", ""])


def whole_derivation(session: Session, progress: Progress | None = None) -> str:
    """A document with a section for each backward pass that brought something new, and in it each node that fired, in that order.

    Passes of a loop fire the same nodes over and over: a node is written out once, with the numbers of the first time.

    Raises:
        ValueError: nothing went backward.
        Cancelled: `progress` returned False.
    """
    kinds, sites, passes = session.columns.kind, session.recording.column("site"), session.recording.column("pass_")
    fired = np.flatnonzero(kinds == Kind.VJP)
    _, firsts = np.unique(sites[fired], return_index=True)
    spots = fired[np.sort(firsts)].tolist()
    parts, where, last_pass, left_out = [_HEAD], session.position, -1, len(spots[MOST:])
    try:
        for number, event in enumerate(spots[:MOST]):
            session.seek(event)
            found = session.derivation()
            if found and passes[event] != last_pass:
                last_pass = int(passes[event])
                parts += [rf"\section*{{Backward pass {last_pass + 1}}}", ""]
            if found:
                parts += [rf"\subsection*{{{text(session.moment().caption)}}}", "", *_written_out(found, r"\paragraph")]
            if progress is not None and not progress(number + 1, len(spots[:MOST])):
                raise Cancelled
    finally:
        session.seek(where)
    if len(parts) == 1:
        raise ValueError("There is no derivation: nothing in this recording went backward.")
    if left_out:
        parts += [rf"\section*{{And {left_out:,} more nodes}}", ""]
    return "\n".join([*parts, r"\end{document}", ""])


def _written_out(derivations: Sequence[Derivation], heading: str = r"\subsection*") -> list[str]:
    parts = []
    for found in derivations:
        parts += [rf"{heading}{{Gradient of {text(found.input_name)}}}", r"\[ " + found.formula + r" \]", r"\begin{align*}"]
        lines = [(found.upstream, found.upstream.symbol), *((operand, operand.symbol) for operand in found.operands)]
        if found.local is not None:
            lines.append((found.local, found.local.symbol))
        lines.append((found.product, found.product.symbol))
        if found.reduced is not None:
            lines.append((found.reduced, found.reduced.symbol))
        rows = [rf"{symbol} &= {matrix(operand)} && \text{{{text(operand.words)}}}" for operand, symbol in lines]
        parts += [" \\\\\n".join(rows), r"\end{align*}"]
    return parts
