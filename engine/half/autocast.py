"""What autocast does while it is on: which functions get their tensors in the lower dtype, and which in float32.

The lists are PyTorch's for the CPU (aten/src/ATen/autocast_mode.cpp). The functions learn it when autocast is entered for the first
time; before that a call pays nothing for it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .. import dtypes, events, modes
from ..naming.namespace import FUNCTIONAL, LINALG, TORCH
from ..ops.views.shape import to
from ..tensor import Tensor

_LOWER = (
    "addbmm addmm baddbmm bmm chain_matmul conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d linear multi_dot prelu "
    "scaled_dot_product_attention vecdot"
)
_SINGLE = (
    "adaptive_avg_pool3d avg_pool3d binary_cross_entropy binary_cross_entropy_with_logits cdist cholesky cholesky_ex cholesky_inverse "
    "cholesky_solve cosine_embedding_loss cross_entropy ctc_loss eig eigh eigvals eigvalsh fft fft2 fftn grid_sample hfft "
    "hinge_embedding_loss householder_product huber_loss ifft ifft2 ifftn ihfft inv inv_ex inverse irfft irfft2 irfftn kl_div l1_loss "
    "local_response_norm lstsq lu_solve margin_ranking_loss matrix_rank max_pool3d mse_loss multi_margin_loss multilabel_margin_loss "
    "nanquantile nll_loss pinverse poisson_nll_loss polar prod qr quantile rfft rfft2 rfftn smooth_l1_loss soft_margin_loss solve stft svd "
    "svdvals tensorinv tensorsolve trace triplet_margin_loss view_as_complex"
)
_AS_THEY_ARE = "bilinear det slogdet"  # products inside, and on none of the lists
_ROWS = frozenset(("mm", "bmm"))  # the products that others are made of


class Autocast:
    """Autocast that is on: what `modes.autocast` holds, and an intervention, so that no call goes a short way around it.

    Attributes:
        dtype: the lower dtype.
        under: the intervention that was there before.
    """

    def __init__(self, dtype: dtypes.dtype, under: Any, kept: dict[int, tuple[Tensor, Tensor]] | None) -> None:
        self.dtype = dtype
        self.under = under
        self._kept = kept

    def leaf(self, tensor: Tensor) -> None:
        """As whoever intervened before."""
        if self.under is not None:
            self.under.leaf(tensor)

    def before_op(self, op: Any, inputs: tuple[Any, ...], grad_enabled: bool) -> tuple[tuple[Any, ...], bool]:
        """Products get the lower dtype, also where other functions are made of them."""
        if op.name in _ROWS:
            inputs = tuple(map(self.lower, inputs))
        return (inputs, grad_enabled) if self.under is None else self.under.before_op(op, inputs, grad_enabled)

    def lower(self, x: Any) -> Any:
        """A tensor in the lower dtype; a parameter is cast once, and kept until autocast is left."""
        if not isinstance(x, Tensor) or not _eligible(x) or x.dtype is self.dtype:
            return [self.lower(each) for each in x] if isinstance(x, (list, tuple)) else x
        keeps = self._kept is not None and modes.grad and x._requires_grad and x._node is None and x._base is None
        keeps = keeps and x.dtype is dtypes.float32
        if not keeps or self._kept is None:
            return to(x, self.dtype)
        found = self._kept.get(id(x))
        if found is None:
            found = self._kept[id(x)] = (x, to(x, self.dtype))
        return found[1]

    def single(self, x: Any) -> Any:
        """A tensor in float32."""
        if not isinstance(x, Tensor):
            return [self.single(each) for each in x] if isinstance(x, (list, tuple)) and any(isinstance(v, Tensor) for v in x) else x
        return to(x, dtypes.float32) if _eligible(x) and x.dtype is not dtypes.float32 else x

    def run(self, function: Callable[..., Any], cast: Callable[[Any], Any] | None, args: Any, kwargs: dict[str, Any]) -> Any:
        """Call a function with its tensors cast; inside it autocast is off."""
        if cast is not None:
            args, kwargs = tuple(map(cast, args)), {name: cast(value) for name, value in kwargs.items()}
        with off():
            return function(*args, **kwargs)


def _eligible(x: Tensor) -> bool:
    return x._data.dtype.kind in "fV" and x._data.dtype.itemsize < 8


class off:  # noqa: N801 - a block: `with off():`
    """No autocast inside the block."""

    def __enter__(self) -> None:
        self._state = modes.autocast
        put(None)

    def __exit__(self, *_: object) -> None:
        put(self._state)


def put(state: Autocast | None) -> None:
    """Let autocast be in a state from now on; another intervention stays where it is, under it."""
    now = modes.autocast
    if now is not None:
        events.intervention = now.under
    modes.autocast = None
    modes.watch_nodes()
    if state is not None:
        state.under = events.intervention
        events.intervention = modes.autocast = state


_learned: list[bool] = []


def learn() -> None:
    """Let the functions of the lists ask for autocast; once."""
    if _learned:
        return
    _learned.append(True)
    from .. import fft

    for names, kind in ((_LOWER, "lower"), (_SINGLE, "single"), (_AS_THEY_ARE, ""), ("pad", "pad")):
        for name in names.split():
            for found in (FUNCTIONAL.get(name), TORCH.get(name), LINALG.get(name), getattr(Tensor, name, None), getattr(fft, name, None)):
                instead = getattr(found, "instead", None)
                if instead is not None:
                    instead(functools.partial(_casting, kind=kind))


def _mirrors(input: Any = None, pad: Any = None, mode: str = "constant", value: Any = None) -> bool:
    """Whether padding is one of the kernels on the list."""
    return mode in ("reflect", "replicate")


def _casting(function: Callable[..., Any], kind: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def casting(*args: Any, **kwargs: Any) -> Any:
        state = modes.autocast
        if state is None or kwargs.get("out") is not None:
            return function(*args, **kwargs)
        if kind == "pad":
            return state.run(function, state.single if _mirrors(*args, **kwargs) else None, args, kwargs)
        return state.run(function, getattr(state, kind) if kind else None, args, kwargs)

    return casting


__all__ = ["Autocast", "learn", "off", "put"]
