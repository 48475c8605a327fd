"""Warnings that PyTorch's kernels give once a process: what is about to go, and what costs time that nobody sees."""

from __future__ import annotations

_HOME, _PYTHON = "/__w/pytorch/pytorch/aten/src/ATen/native/", "/__w/pytorch/pytorch/torch/csrc/utils/"
_GOES = "and will be removed in a future PyTorch release.\n"
_SCATTERED = (
    "torch.searchsorted(): {0} tensor is non-contiguous, this will lower the performance due to extra data copy when converting "
    "non-contiguous tensor to contiguous, please use contiguous {0} tensor if possible. This message will only appear once per program."
)
_TEXTS: dict[str, tuple[str, str]] = {
    "cholesky": (
        f"torch.cholesky is deprecated in favor of torch.linalg.cholesky {_GOES}L = torch.cholesky(A)\nshould be replaced with\n"
        "L = torch.linalg.cholesky(A)\nand\nU = torch.cholesky(A, upper=True)\nshould be replaced with\nU = torch.linalg.cholesky(A).mH\n"
        "This transform will produce equivalent results for all valid (symmetric positive definite) inputs.",
        "BatchLinearAlgebra.cpp:1765",
    ),
    "lu": (
        f"torch.lu is deprecated in favor of torch.linalg.lu_factor / torch.linalg.lu_factor_ex {_GOES}"
        "LU, pivots = torch.lu(A, compute_pivots)\nshould be replaced with\nLU, pivots = torch.linalg.lu_factor(A, compute_pivots)\nand\n"
        "LU, pivots, info = torch.lu(A, compute_pivots, get_infos=True)\nshould be replaced with\n"
        "LU, pivots, info = torch.linalg.lu_factor_ex(A, compute_pivots)",
        "BatchLinearAlgebra.cpp:2073",
    ),
    "lu_solve": (
        f"torch.lu_solve is deprecated in favor of torch.linalg.lu_solve{_GOES}"
        "Note that torch.linalg.lu_solve has its arguments reversed.\nX = torch.lu_solve(B, LU, pivots)\nshould be replaced with\n"
        "X = torch.linalg.lu_solve(LU, pivots, B)",
        "BatchLinearAlgebra.cpp:2230",
    ),
    "triangular_solve": (
        f"torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangular{_GOES}"
        "torch.linalg.solve_triangular has its arguments reversed and does not return a copy of one of the inputs.\n"
        "X = torch.triangular_solve(B, A).solution\nshould be replaced with\nX = torch.linalg.solve_triangular(A, B).",
        "BatchLinearAlgebra.cpp:2273",
    ),
    "qr": (
        f"torch.qr is deprecated in favor of torch.linalg.qr {_GOES}"
        "The boolean parameter 'some' has been replaced with a string parameter 'mode'.\nQ, R = torch.qr(A, some)\nshould be replaced with\n"
        "Q, R = torch.linalg.qr(A, 'reduced' if some else 'complete')",
        "BatchLinearAlgebra.cpp:2505",
    ),
    "same padding": (
        "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of the input be created",
        "Convolution.cpp:1101",
    ),
    "index_reduce": ("index_reduce() is in beta and the API may change at any time.", "TensorAdvancedIndexing.cpp:1523"),
    "values": (_SCATTERED.format("input value"), "BucketizationUtils.h:32"),
    "boundaries": (_SCATTERED.format("boundary"), "BucketizationUtils.h:38"),
    "sorter": (_SCATTERED.format("sorter"), "BucketizationUtils.h:44"),
    "real": ("Casting complex values to real discards the imaginary part", "Copy.cpp:307"),
    "where": (
        "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a future version of PyTorch. "
        "Use a boolean condition instead.",
        "TensorCompare.cpp:621",
    ),
    "not writable": (
        "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means writing to this tensor will "
        "result in undefined behavior. You may want to copy the array to protect its data or make it writable before converting it to a "
        "tensor. This type of warning will be suppressed for the rest of this program.",
        _PYTHON + "tensor_numpy.cpp:213",
    ),
    "asarray": (
        "torch.asarray: unspecified requires_grad now defaults to obj.requires_grad instead of False. Pass requires_grad=False explicitly to "
        "get the old behavior and silence this warning.",
        _PYTHON + "tensor_new.cpp:1737",
    ),
    "mT": ("Tensor.mT is deprecated on 0-D tensors. This function is the identity in these cases.", "TensorShape.cpp:4373"),
    "mH": ("Tensor.mH is deprecated on 0-D tensors. Consider using x.conj().", "TensorShape.cpp:4382"),
    "H": ("Tensor.H is deprecated on 0-D tensors. Consider using x.conj().", "TensorShape.cpp:4335"),
    "adjoint()": ("adjoint() is deprecated on 0-D tensors. Consider using x.conj().", "TensorShape.cpp:4390"),
    "T": ("Tensor.T is deprecated on 0-D tensors. This function is the identity in these cases.", "TensorShape.cpp:4321"),
}


def kernel_warning(about: str) -> str:
    """The words about one of these things; `modes.warn_once` says them."""
    text, place = _TEXTS[about]
    return f"{text} (Triggered internally at {place if place.startswith('/') else _HOME + place}.)"
