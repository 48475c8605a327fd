"""Which dtypes PyTorch's CPU kernels have no version for, with the kernel's name as its errors tell it.

One row a function. A method shares the row of its function, and the in-place method too. What is refused goes
by the dtype of the first tensor ("in"), of the result ("out"), or of all operands together ("both").

Kernels that have nothing for complex numbers are told by C behind what else they lack.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .. import dtypes

_WHOLE = "Bool Byte Char Short Int Long"
_NUMBERS = "Byte Char Short Int Long"
_SMALL = "Bool Byte Char Short Int"
_NARROW = _WHOLE + " Half"
_EXACT = " Half Float Double"
C = " ComplexFloat ComplexDouble"


class Kernel(NamedTuple):
    """A kernel and the dtypes that it lacks; `empty`: of nothing it does not ask. A name of several words is all that is said.

    (With an exclamation mark before it, it is PyTorch's own check that says so, and no kernel that is missing.)
    """

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
            if self.name.startswith("!"):
                raise RuntimeError(self.name[1:])
            raise NotImplementedError(self.name if " " in self.name else f"\"{self.name}\" not implemented for '{dtype.scalar_name}'")


def _rows(by: str, *rows: tuple[str, str, str], empty: bool = False) -> dict[str, Kernel]:
    """Kernels of functions: (names, kernel, dtypes)."""
    return {
        name: Kernel(kernel, frozenset(lacks.replace("Half", "Half BFloat16").split()), by, empty)
        for names, kernel, lacks in rows
        for name in names.split()
    }


_CLAMP = "clamp is not supported for complex types"

KERNELS: dict[str, Kernel] = {
    **_rows(
        "both",
        ("fmod", "fmod_cpu", "Bool" + C), ("remainder", "remainder_cpu", "Bool" + C), ("floor_divide", "div_floor_cpu", "Bool" + C),
        ("logaddexp", "logaddexp_cpu", _WHOLE), ("logaddexp2", "logaddexp2_cpu", _WHOLE + C), ("hypot", "hypot_cpu", _WHOLE + C),
        ("nextafter", "nextafter_cpu", _WHOLE + C), ("igamma gammainc", "igamma_cpu", _WHOLE + C), ("igammac gammaincc", "igammac_cpu", _WHOLE + C),
        ("gcd", "gcd_cpu", "Bool" + _EXACT + C), ("lcm", "lcm_cpu", "Bool" + _EXACT + C),
        ("bitwise_left_shift", "lshift_cpu", "Bool" + _EXACT + C), ("bitwise_right_shift", "rshift_cpu", "Bool" + _EXACT + C),
        ("lt", "lt_cpu", C), ("le", "le_cpu", C), ("gt", "gt_cpu", C), ("ge", "ge_cpu", C), ("atan2 arctan2", "atan2_cpu", C),
        ("xlogy", "xlogy_cpu", C), ("xlog1py", "xlog1py_cpu", C), ("copysign", "copysign_cpu", C), ("erf", "erf_vml_cpu", C), ("erfc", "erfc_vml_cpu", C),
        ("erfinv", "erfinv_vml_cpu", C), ("i0", "i0_vml_cpu", C), ("i0e", "i0e_cpu", C), ("i1", "i1_cpu", C), ("i1e", "i1e_cpu", C),
        ("lgamma gammaln", "lgamma_vml_cpu", C), ("digamma psi", "digamma", C), ("entr", "entr_cpu", C),
        ("sign", "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.", C),
        ("signbit", "signbit is not implemented for complex tensors.", C), ("floor", "floor is not supported for complex inputs", C), ("ceil", "ceil is not supported for complex inputs", C),
        ("trunc", "trunc is not supported for complex inputs", C), ("relu", _CLAMP, C), ("round", "round_vml_cpu", C),
        *((name, f"!{name} is not supported for complex tensors.", C) for name in ("deg2rad", "rad2deg")),
        *((name, f"!{name} does not support complex inputs.", C) for name in ("isposinf", "isneginf")),
        *((name, f"!{name} not implemented for complex tensors.", C) for name in ("maximum", "minimum", "fmax", "fmin")),
        *((name, f"{name}_cpu", "Half" + C) for name in (
            "zeta", "ndtri", "log_ndtr", "erfcx", "airy_ai", "spherical_bessel_j0",
            "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "modified_bessel_i0", "modified_bessel_i1", "modified_bessel_k0",
            "modified_bessel_k1", "scaled_modified_bessel_k0", "scaled_modified_bessel_k1", "hermite_polynomial_h", "hermite_polynomial_he",
            "laguerre_polynomial_l", "legendre_polynomial_p", *(f"{kind}chebyshev_polynomial_{letter}" for kind in ("", "shifted_")
            for letter in "tuvw"),
        )),
    ),
    **_rows(
        "out",
        ("arange", "arange_cpu", "Bool"), ("addcmul", "addcmul_cpu_out", "Bool"), ("cross", "cross", "Bool"), ("threshold", "threshold_cpu", "Bool" + C),
        ("pow", "pow", "Bool"), ("tril_indices", "tril_indices", "Bool Byte Char Short Half Float Double"),
        ("triu_indices", "triu_indices", "Bool Byte Char Short Half Float Double"), ("logcumsumexp", "logcumsumexp_out_cpu", _WHOLE),
        ("huber_loss", "huber_cpu", _WHOLE + C), ("polygamma", "polygamma", C), ("logit", "logit_cpu", C),
        ("clamp_min", "maximum_cpu", C), ("clamp_max", "minimum_cpu", C), ("lerp", "lerp_kernel_scalar", _WHOLE),
        ("rrelu", "leaky_relu_cpu", _WHOLE + C), ("hardtanh relu6", _CLAMP, C), ("mvlgamma multigammaln", "arange_cpu", C),
    ),
    **_rows(
        "out",
        ("addmm addbmm mm multi_dot", "addmm_impl_cpu_", "Bool"), ("addmv mv", "addmv_impl_cpu", "Bool"), ("baddbmm", "baddbmm", "Bool"),
        ("dot vdot", "dot", "Bool"), ("bmm", "bmm", "Bool"), ("cumsum", "cumsum_out_cpu", "Bool"), ("cumprod", "cumprod_out_cpu", "Bool"),
        ("cdist", "cdist", "Half"), ("pdist", "pdist", "Half"), empty=True,
    ),
    **_rows("both", ("clamp clip", _CLAMP, C)),
    **_rows(
        "in",
        ("trace", "trace", "Bool"), ("nansum nanmean", "!nansum on CPU does not support complex inputs", C), ("rms_norm", "rms_norm", _WHOLE), ("bincount", "bincount_cpu", "Bool" + _EXACT + C),
        ("kthvalue", "kthvalue_cpu", "Bool" + C), ("mode", "mode_cpu", C), ("cummax", "cummax_cpu", C), ("cummin", "cummin_cpu", C),
        ("amax", "max_values_cpu", C), ("amin", "min_values_cpu", C), ("aminmax", "aminmax_cpu", C),
        ("argmax", "!argmax(): does not support complex input", C), ("argmin", "!argmin(): does not support complex input", C),
        ("sort argsort msort", "! Sort does not support complex dtypes on CPU", C), ("topk", "! topk does not support complex dtypes on CPU", C),
        ("poisson", "poisson_cpu", _WHOLE + C), ("binomial", "binomial_cpu", "Half"), ("histogram", "histogramdd", _NARROW + C),
        ("geometric", "geometric_cpu", "Bool" + C), ("log_normal", "log_normal_cpu", _WHOLE + C), ("random", "random_kernel_cpu", C),
        ("cholesky_inverse", "cholesky_inverse_out_cpu", _NARROW), ("cholesky_solve", "cholesky_solve_cpu", _NARROW),
        ("eigh eigvalsh", "linalg_eigh_cpu", _NARROW), ("eig eigvals", "linalg_eig_out_cpu", "Half"), ("qr", "geqrf_cpu", "Half"),
        ("svd cond matrix_rank", "linalg_svd_cpu", "Half"), ("det slogdet", "lu_cpu", "Half"), ("lu", "lu_cpu", _NARROW), ("cholesky", "cholesky_cpu", _NARROW),
        ("adaptive_avg_pool1d", "adaptive_avg_pool2d", _WHOLE), ("adaptive_avg_pool2d", "adaptive_avg_pool2d", _WHOLE + C), ("adaptive_avg_pool3d", "adaptive_avg_pool3d_cpu", _WHOLE + C),
        ("adaptive_max_pool1d adaptive_max_pool2d", "adaptive_max_pool2d", _WHOLE + C), ("adaptive_max_pool3d", "adaptive_max_pool3d_cpu", _WHOLE + C),
        ("avg_pool1d avg_pool2d local_response_norm", "avg_pool2d", _SMALL + C), ("avg_pool3d", "avg_pool3d_out_frame", _SMALL + " Half" + C),
        ("max_pool1d", "max_pool1d_impl", _WHOLE + C), ("max_pool2d max_pool1d_with_indices max_pool2d_with_indices", "max_pool2d", "Bool" + C),
        ("max_pool3d max_pool3d_with_indices", "max_pool3d", "Bool" + C), ("unfold", "im2col_out_cpu", _NUMBERS), ("fold", "col2im_out_cpu", _NUMBERS),
        ("max_unpool1d max_unpool2d", "max_unpool2d", _WHOLE + C), ("max_unpool3d", "max_unpool3d", _WHOLE + C),
        ("conv_transpose1d conv_transpose2d", "slow_conv_transpose2d_out_cpu", _SMALL),
        ("conv_transpose3d", "slow_conv_transpose3d_out_cpu", _SMALL), ("conv1d conv2d", "slow_conv2d_cpu", "Bool"),
        ("conv3d", "slow_conv3d_cpu", "Bool"), ("multi_margin_loss", "multi_margin_loss_cpu_kernel", _NARROW + C),
        ("multilabel_margin_loss", "multilabel_margin_loss_forward_out_frame", _NARROW), ("grid_sampler_3d", "grid_sampler3d_cpu", _WHOLE + C),
        ("grid_sampler_2d", "grid_sampler_2d_cpu_kernel_impl", _WHOLE + C), ("histc", "histogram_cpu", _NUMBERS + C),
        ("searchsorted", "searchsorted_out_cpu", "Bool" + C), ("bucketize", "searchsorted_out_cpu", C), ("solve_triangular triangular_solve", "triangular_solve_cpu", _NUMBERS + " Half"),
        ("batch_norm", "batch_norm", C), ("group_norm", "GroupNormKernelImpl", C), empty=True,
    ),
}  # fmt: skip

__all__ = ["KERNELS", "Kernel"]
