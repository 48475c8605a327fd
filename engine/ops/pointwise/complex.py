"""Complex numbers: their parts, their conjugate, and how they are made of reals.

PyTorch's gradient of a real loss is the conjugate of the mathematicians' derivative: what comes back through a
holomorphic op is g times the conjugate of its derivative. `Op.conjugated` does that for every row; the rows here
are the ones that it leaves alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...memory.inplace import write
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from .elementwise import abs_, sign, where, zeros_as
from .functions import sgn
from .special import angle as angle_of_reals


def _pair(re: Any, im: Any) -> Any:
    """Complex numbers of two arrays of the same dtype."""
    out = np.empty(np.broadcast_shapes(re.shape, im.shape), np.complex128 if re.dtype == np.float64 else np.complex64)
    out.real, out.imag = re, im
    return out


def _as_pairs(x: Any) -> Any:
    kind = np.float64 if x.dtype == np.complex128 else np.float32
    return np.ndarray((*x.shape, 2), kind, x, 0, (*x.strides, x.itemsize // 2)) if x.flags.c_contiguous else _pairs_of_view(x)


def _pairs_of_view(x: Any) -> Any:
    real = x.real
    return np.lib.stride_tricks.as_strided(real, (*x.shape, 2), (*real.strides, real.itemsize))


def _from_pairs(x: Any) -> Any:
    """A view where pairs lie side by side; a cotangent may lie otherwise."""
    kind = np.complex128 if x.dtype == np.float64 else np.complex64
    return (x if x.strides[-1] == x.itemsize else np.ascontiguousarray(x)).view(kind)[..., 0]


conj_row = Op("conj", np.conj, grad_fn="ConjBackward0", vjps=(lambda g: conj_row(g),), formulas=(r"\bar{x} = \overline{\bar{z}}",))
conj_physical_row = conj_row.named("ConjPhysicalBackward0")
conj_written = conj_row.named("ConjPhysicalBackward1")
complex_row = Op(
    "complex", _pair, inputs=("re", "im"), vjps=(lambda g, re: real_row(g), lambda g, im: imag_row(g)),  # PyTorch saves both
    formulas=(r"\bar{a} = \mathrm{Re}\,\bar{z}", r"\bar{b} = \mathrm{Im}\,\bar{z}"),
)  # fmt: skip
real_row = Op(
    "real", lambda x: x.real, view=True, grad_fn="SelectBackward0", vjps=(lambda g: complex_row(g, zeros_as(g)),),
    formulas=(r"\bar{x} = \bar{z}",),
)  # fmt: skip
imag_row = Op(
    "imag", lambda x: x.imag, view=True, grad_fn="SelectBackward0", vjps=(lambda g: complex_row(zeros_as(g), g),),
    formulas=(r"\bar{x} = i\,\bar{z}",),
)  # fmt: skip
as_real_row = Op("view_as_real", _as_pairs, view=True, vjps=(lambda g: as_complex_row(g),), formulas=(r"\bar{x} = \bar{z}",))
as_complex_row = Op("view_as_complex", _from_pairs, view=True, vjps=(lambda g: as_real_row(g),), formulas=(r"\bar{x} = \bar{z}",))
angle_row = Op(
    "angle", np.angle, vjps=(lambda g, x: _turned(g, x),), formulas=(r"\bar{x} = i\,x\,\bar{z} / |x|^2",), elementwise=True
)  # fmt: skip


def _turned_to(size: Any, angle: Any) -> Any:
    return _pair(size * np.cos(angle), size * np.sin(angle))


def _of_angle(g: Any, result: Any) -> Any:
    return real_row(g) * -imag_row(result) + imag_row(g) * real_row(result)


polar_row = Op(
    "polar", _turned_to, inputs=("size", "angle"), vjps=(lambda g, result: real_row(g * conj_row(sgn_row(result))), _of_angle),
    formulas=(r"\bar{r} = \mathrm{Re}(\bar{z}\,\overline{z / |z|})", r"\bar{\varphi} = \mathrm{Re}(\bar{z}\,\overline{iz})"),
)  # fmt: skip
for _row in (complex_row, as_complex_row, polar_row):
    _row.antilinear = True


def _turned(g: Any, x: Any) -> Any:
    re, im = real_row(x), imag_row(x)
    size = re * re + im * im
    share = where(size == 0, zeros_as(size), g / size)
    return complex_row(-im * share, re * share)


def _sgn_vjp(g: Any, x: Any, result: Any) -> Any:
    size = abs_(x)
    none = size == 0
    across = g - real_row(g * conj_row(result)) * result  # what turns x; the length of what is returned stays 1
    return where(none, zeros_as(across), across / where(none, zeros_as(size) + 1, size))


sgn_row = Op(
    "sgn", sign.forward, vjps=(_sgn_vjp,), formulas=(r"\bar{x} = (\bar{z} - \mathrm{Re}(\bar{z}\overline{z})\,z) / |x|",), elementwise=True
)
sgn_row.antilinear = True
sign._complex = sgn._complex = sgn_row


def _must_be_complex(name: str, x: Tensor) -> None:
    if x._data.dtype.kind != "c":
        raise RuntimeError(f"{name} is not implemented for tensors with non-complex dtypes.")


@export("torch method", "conj")
def conj(input: Any) -> Any:
    """The complex conjugate; of real numbers they themselves."""
    return apply(conj_row, (input,)) if input._data.dtype.kind == "c" else input


@export("torch method")
def conj_physical(input: Any, *, out: Any = None) -> Any:
    """The complex conjugate, as numbers of its own."""
    return apply(conj_physical_row, (input,)) if input._data.dtype.kind == "c" else input


export("method", "conj_physical_")(lambda self: write(conj_written, self))
for _name in ("resolve_conj", "resolve_neg"):
    export("torch method", _name)(lambda input: input)


@export("torch", "real")
def real(input: Any) -> Any:
    """The real parts, a view."""
    return apply(real_row, (input,)) if input._data.dtype.kind == "c" else input


@export("torch", "imag")
def imag(input: Any) -> Any:
    """The imaginary parts, a view."""
    _must_be_complex("imag", input)
    return apply(imag_row, (input,))


def _write_real(self: Any, value: Any) -> None:
    real(self).copy_(value)


def _write_imag(self: Any, value: Any) -> None:
    imag(self).copy_(value)


export("property", "real")(real)
export("property", "imag")(imag)
Tensor.real = Tensor.real.setter(_write_real)  # type: ignore[attr-defined]
Tensor.imag = Tensor.imag.setter(_write_imag)  # type: ignore[attr-defined]


@export("torch")
def view_as_real(input: Any) -> Any:
    """Complex numbers as pairs of reals in a last dimension of 2."""
    if input._data.dtype.kind != "c":
        raise RuntimeError("view_as_real is only supported for complex tensors")
    return apply(as_real_row, (input,))


@export("torch")
def view_as_complex(input: Any) -> Any:
    """Pairs of reals in a last dimension of 2 as complex numbers."""
    if input._data.dtype.kind not in "fV":
        raise RuntimeError(
            f"view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: {input.dtype.scalar_name}"
        )
    if not input._data.ndim:
        raise RuntimeError("Input tensor must have one or more dimensions")
    if input._data.shape[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")
    *others, last = input.stride()
    if not input._data.size:
        return apply(as_complex_row, (input,))
    if last != 1:
        raise RuntimeError("Tensor must have a last dimension with stride 1")
    if any(step % 2 for step in others):
        raise RuntimeError("Tensor must have a stride divisible by 2 for all but last dimension")
    if input.storage_offset() % 2:
        raise RuntimeError("Tensor must have a storage_offset divisible by 2")
    return apply(as_complex_row, (input,))


@export("torch", "complex")
def complex_(real: Any, imag: Any, *, out: Any = None) -> Any:
    """Complex numbers of their real and imaginary parts."""
    a, b = real.dtype, imag.dtype
    if a.category != 2 or b.category != 2:
        raise RuntimeError(f"Expected both inputs to be Half, Float or Double tensors but got {a.scalar_name} and {b.scalar_name}")
    if a is not b:
        raise RuntimeError(f"Expected object of scalar type {a.scalar_name} but got scalar type {b.scalar_name} for second argument")
    return apply(complex_row, (real, imag))


@export("torch")
def polar(abs: Any, angle: Any, *, out: Any = None) -> Any:
    """Complex numbers of their sizes and angles."""
    a, b = abs.dtype, angle.dtype
    if a.category != 2 or b.category != 2:
        raise RuntimeError(f"Expected both inputs to be Half, Float or Double tensors but got {a.scalar_name} and {b.scalar_name}")
    if a is not b:
        raise RuntimeError(f"Expected object of scalar type {a.scalar_name} but got scalar type {b.scalar_name} for second argument")
    return apply(polar_row, (abs, angle))


@export("torch method", "angle")
def angle(input: Any, *, out: Any = None) -> Any:
    """The angle of complex numbers; of real ones 0 or pi."""
    if input._data.dtype.kind == "c":
        return apply(angle_row, (input,))
    return apply(angle_of_reals, (input,))


__all__ = ["conj_row", "real_row"]
