"""Orthogonal polynomials of torch.special, by their recurrences (aten/src/ATen/native/Math.h). PyTorch gives them no gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...naming.rows import publish_binary
from ...op import Op

Array = np.ndarray[Any, Any]
Step = Callable[[Array, Array, Array, int], Array]  # (x, last, the one before, degree of the last) -> next


def _recurrence(x: Array, n: Array, first: Array, step: Step, settled: Array) -> Array:
    """P_n(x) from P_0 = 1, P_1 = first; 0 for negative n. It ends where it is nan; what is settled needs none."""
    out = np.where(n == 0, np.ones_like(x), np.where(n == 1, first, np.zeros_like(x)))
    going = np.flatnonzero((n > 1) & ~settled)
    flat, degree = out.reshape(-1), 1
    xs, ns, last = x.reshape(-1)[going], n.reshape(-1)[going], first.reshape(-1)[going]
    before = np.ones_like(xs)
    while going.size:
        before, last = last, step(xs, last, before, degree)
        degree += 1
        done = (ns == degree) | np.isnan(last)
        if done.any():
            flat[going[done]] = last[done]
            going, xs, ns, before, last = (part[~done] for part in (going, xs, ns, before, last))
    return flat.reshape(x.shape)


def _row(name: str, first: Callable[[Array], Array], step: Step, edges: Callable[[Array, Array, Array], Array], limit: Any = None) -> Op:
    """A polynomial; `limit` is the degree by dtype beyond which PyTorch gives up."""

    def forward(x: Any, n: Any) -> Any:
        x, n = np.broadcast_arrays(x, n)
        with np.errstate(all="ignore"):
            degree = np.where(np.abs(n) < 2.0**63, np.trunc(n), -1).astype(np.int64)  # what C's cast makes of nan is negative
            settled = ~np.isnan(edges(x, degree, np.full(x.shape, np.nan)))
            if limit is not None:
                settled |= degree > limit.get(x.dtype.name, 512)
            return edges(x, degree, _recurrence(x, degree, first(x), step, settled)).astype(x.dtype)

    row = Op(name, forward, inputs=("x", "y"), promote="float", elementwise=True)
    return publish_binary(row, "special", (name,), inplace=False)


def _sign(n: Array) -> Array:
    return np.where(n % 2 == 0, 1.0, -1.0)


def _odd(n: Array) -> Array:
    return (n + n + 1).astype(np.float64)


def _at_ends(
    right: Callable[[Array], Array], left: Callable[[Array], Array], shifted: bool, kind: str = ""
) -> Callable[[Array, Array, Array], Array]:
    """The exact values at the ends of the interval, and PyTorch's choice of formula inside it."""
    inner = _by_angle(kind, shifted) if kind else None

    def edges(x: Array, n: Array, found: Array) -> Array:
        found = found if inner is None else inner(x, n, found)
        ends = ((x == 1), (x == 0)) if shifted else ((x == 1), (x == -1))
        out = np.where(ends[0], right(n), np.where(ends[1], left(n), found))
        return np.where(n < 0, 0.0, out)

    return edges


def _one(n: Array) -> Array:
    return np.ones(n.shape)


def _by_angle(kind: str, shifted: bool) -> Callable[[Array, Array, Array], Array]:
    """Inside the interval and from a certain degree on PyTorch takes the trigonometric form."""
    from_degree = {("w", True): 4, ("u", True): 6, ("v", True): 6}.get((kind, shifted), 6 if kind == "t" else 8)

    def angles(x: Array, n: Array, found: Array) -> Array:
        z = x + x - 1 if shifted else x
        inside = (n > from_degree) & (np.abs(z) < 1)
        angle = np.arccos(np.where(inside, z, 0).astype(x.dtype))
        degree = n.astype(x.dtype)
        half = x.dtype.type(0.5)
        made = {
            "t": lambda: np.cos(degree * angle),
            "u": lambda: np.sin((degree + 1) * angle) / np.sin(angle),
            "v": lambda: np.cos((degree + half) * angle) / np.cos(angle / 2),
            "w": lambda: np.sin((degree + half) * angle) / np.sin(angle / 2),
        }[kind]()
        return np.where(inside, made, found)

    return angles


_ENDS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "t": (_one, _sign),
    "u": (lambda n: n + 1.0, lambda n: _sign(n) * (n + 1)),
    "v": (_one, lambda n: _sign(n) * _odd(n)),
    "w": (_odd, _sign),
}
_FIRST: dict[str, Callable[[Array], Array]] = {
    "t": lambda z: z,
    "u": lambda z: z + z,
    "v": lambda z: z + z - 1,
    "w": lambda z: z + z + 1,
}
for _kind, (_right, _left) in _ENDS.items():
    _start = _FIRST[_kind]
    _row(f"chebyshev_polynomial_{_kind}", _start, lambda x, q, p, k: (x + x) * q - p, _at_ends(_right, _left, False, _kind))
    _row(
        f"shifted_chebyshev_polynomial_{_kind}",
        lambda x, start=_start: start(x + x - 1),
        lambda x, q, p, k: ((x + x - 1) + (x + x - 1)) * q - p,
        _at_ends(_right, _left, True, _kind),
    )


def _plain(x: Array, n: Array, found: Array) -> Array:
    return np.where(n < 0, 0.0, found)


_LIMIT = {"float32": 128, "float64": 512}


def _hermite(x: Array, n: Array, found: Array) -> Array:
    return np.where(n > _LIMIT.get(x.dtype.name, 512), np.nan, _plain(x, n, found))


_row("hermite_polynomial_h", lambda x: x + x, lambda x, q, p, k: (x + x) * q - (k + k) * p, _hermite, _LIMIT)
_row("hermite_polynomial_he", lambda x: x.copy(), lambda x, q, p, k: x * q - k * p, _hermite, _LIMIT)
_row(
    "laguerre_polynomial_l", lambda x: 1 - x, lambda x, q, p, k: (((k + k) + (1 - x)) * q - k * p) / (k + 1),
    lambda x, n, found: np.where(n < 0, 0.0, np.where(x == 0, 1.0, found)),
)  # fmt: skip
_row("legendre_polynomial_p", lambda x: x.copy(), lambda x, q, p, k: ((k + k + 1) * x * q - k * p) / (k + 1), _at_ends(_one, _sign, False))
