"""Which dtypes PyTorch's CPU kernels have no version for, with the kernel's name as its errors tell it.

One row a function. A method shares the row of its function, and the in-place method too. What is refused goes
by the dtype of the first tensor ("in"), of the result ("out"), or of all operands together ("both").
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from . import dtypes

_WHOLE = "Bool Byte Char Short Int Long"
_NUMBERS = "Byte Char Short Int Long"
_SMALL = "Bool Byte Char Short Int"
_NARROW = _WHOLE + " Half"


class Kernel(NamedTuple):
    """A kernel and the dtypes that it lacks; `empty`: of nothing it does not ask."""

    name: str
    lacks: frozenset[str]
    by: str
    empty: bool

    def refuse(self, data: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> None:
        """Raise where the kernel has no version for an array's dtype."""
        if data.size or not self.empty:
            self.refuse_dtype(dtypes.BY_NUMPY[data.dtype])

    def refuse_dtype(self, dtype: dtypes.dtype) -> None:
        """Raise where the kernel has no version for a dtype."""
        if dtype.scalar_name in self.lacks:
            raise NotImplementedError(f"\"{self.name}\" not implemented for '{dtype.scalar_name}'")


def _rows(by: str, *rows: tuple[str, str, str], empty: bool = False) -> dict[str, Kernel]:
    """Kernels of functions: (names, kernel, dtypes)."""
    return {name: Kernel(kernel, frozenset(lacks.split()), by, empty) for names, kernel, lacks in rows for name in names.split()}


KERNELS: dict[str, Kernel] = {
    **_rows(
        "both",
        ("fmod", "fmod_cpu", "Bool"), ("remainder", "remainder_cpu", "Bool"), ("floor_divide", "div_floor_cpu", "Bool"),
        ("logaddexp", "logaddexp_cpu", _WHOLE), ("logaddexp2", "logaddexp2_cpu", _WHOLE), ("hypot", "hypot_cpu", _WHOLE),
        ("nextafter", "nextafter_cpu", _WHOLE), ("igamma", "igamma_cpu", _WHOLE), ("igammac", "igammac_cpu", _WHOLE),
        ("gcd", "gcd_cpu", "Bool Half Float Double"), ("lcm", "lcm_cpu", "Bool Half Float Double"),
        ("bitwise_left_shift", "lshift_cpu", "Bool Half Float Double"), ("bitwise_right_shift", "rshift_cpu", "Bool Half Float Double"),
        ("zeta", "zeta_cpu", "Half"), ("ndtri", "ndtri_cpu", "Half"), ("log_ndtr", "log_ndtr_cpu", "Half"), ("erfcx", "erfcx_cpu", "Half"),
        ("airy_ai", "airy_ai_cpu", "Half"), ("spherical_bessel_j0", "spherical_bessel_j0_cpu", "Half"),
        *((name, f"{name}_cpu", "Half") for name in (
            "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "modified_bessel_i0", "modified_bessel_i1", "modified_bessel_k0",
            "modified_bessel_k1", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1", "hermite_polynomial_h", "hermite_polynomial_he",
            "laguerre_polynomial_l", "legendre_polynomial_p", *(f"{kind}chebyshev_polynomial_{letter}" for kind in ("", "shifted_")
            for letter in "tuvw"),
        )),
    ),
    **_rows(
        "out",
        ("arange", "arange_cpu", "Bool"), ("addcmul", "addcmul_cpu_out", "Bool"), ("cross", "cross", "Bool"), ("threshold", "threshold_cpu", "Bool"),
        ("pow", "pow", "Bool"), ("tril_indices", "tril_indices", "Bool Byte Char Short Half Float Double"),
        ("triu_indices", "triu_indices", "Bool Byte Char Short Half Float Double"), ("logcumsumexp", "logcumsumexp_out_cpu", _WHOLE),
        ("huber_loss", "huber_cpu", _WHOLE),
    ),
    **_rows(
        "out",
        ("addmm addbmm mm multi_dot", "addmm_impl_cpu_", "Bool"), ("addmv mv", "addmv_impl_cpu", "Bool"), ("baddbmm", "baddbmm", "Bool"),
        ("dot vdot", "dot", "Bool"), ("bmm", "bmm", "Bool"), ("cumsum", "cumsum_out_cpu", "Bool"), ("cumprod", "cumprod_out_cpu", "Bool"),
        ("cdist", "cdist", "Half"), ("pdist", "pdist", "Half"), empty=True,
    ),
    **_rows(
        "in",
        ("kthvalue", "kthvalue_cpu", "Bool"), ("trace", "trace", "Bool"), ("rms_norm", "rms_norm", _WHOLE), ("bincount", "bincount_cpu", "Half Float Double"),
        ("adaptive_avg_pool1d adaptive_avg_pool2d", "adaptive_avg_pool2d", _WHOLE), ("adaptive_avg_pool3d", "adaptive_avg_pool3d_cpu", _WHOLE),
        ("adaptive_max_pool1d adaptive_max_pool2d", "adaptive_max_pool2d", _WHOLE), ("adaptive_max_pool3d", "adaptive_max_pool3d_cpu", _WHOLE),
        ("avg_pool1d avg_pool2d local_response_norm", "avg_pool2d", _SMALL), ("avg_pool3d", "avg_pool3d_out_frame", _SMALL + " Half"),
        ("max_pool1d max_pool2d", "max_pool2d", "Bool"), ("max_pool3d", "max_pool3d", "Bool"), ("unfold", "im2col_out_cpu", _NUMBERS),
        ("max_unpool1d max_unpool2d", "max_unpool2d", _NUMBERS), ("max_unpool3d", "max_unpool3d", _NUMBERS),
        ("conv_transpose1d conv_transpose2d", "slow_conv_transpose2d_out_cpu", _SMALL),
        ("conv_transpose3d", "slow_conv_transpose3d_out_cpu", _SMALL), ("conv1d conv2d", "slow_conv2d_cpu", "Bool"),
        ("conv3d", "slow_conv3d_cpu", "Bool"), ("multi_margin_loss", "multi_margin_loss_cpu_kernel", _NARROW),
        ("multilabel_margin_loss", "multilabel_margin_loss_forward_out_frame", _NARROW), ("grid_sampler_3d", "grid_sampler3d_cpu", _WHOLE),
        ("grid_sampler_2d", "grid_sampler_2d_cpu_kernel_impl", _WHOLE), ("histc", "histogram_cpu", _NUMBERS),
        ("searchsorted", "searchsorted_out_cpu", "Bool"), ("solve_triangular", "triangular_solve_cpu", _NUMBERS + " Half"), empty=True,
    ),
}  # fmt: skip

__all__ = ["KERNELS", "Kernel"]
