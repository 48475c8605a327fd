"""torch.utils.checkpoint: a part of a network whose values are computed again in backward instead of being kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from .. import modes, random
from ..autograd.function import Function
from ..backward import backward
from ..tensor import Tensor

__all__ = ["CheckpointFunction", "checkpoint", "checkpoint_sequential"]

_EXPLICIT = (
    "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, calling checkpoint without "
    "use_reentrant will raise an exception. use_reentrant=False is recommended, but if you need to preserve the current default behavior, "
    "you can pass use_reentrant=True. Refer to docs for more details on the differences between the two variants."
)


class CheckpointFunction(Function):
    """Runs without history, and once more with it when the gradient comes."""

    @staticmethod
    def forward(ctx: Any, function: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        ctx.function, ctx.args = function, args
        ctx.draws = random.get_rng_state() if preserve else None
        with modes.no_grad():
            return function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        inputs = [a.detach().requires_grad_(a.requires_grad) if isinstance(a, Tensor) else a for a in ctx.args]
        now = random.get_rng_state()
        if ctx.draws is not None:
            random.set_rng_state(ctx.draws)
        with modes.enable_grad():
            outputs = ctx.function(*inputs)
        random.set_rng_state(now)
        made = outputs if isinstance(outputs, tuple) else (outputs,)
        pairs = [(o, g) for o, g in zip(made, grads, strict=True) if isinstance(o, Tensor) and o.requires_grad]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        backward([o for o, _ in pairs], [g for _, g in pairs])
        return (None, None, *(a.grad if isinstance(a, Tensor) else None for a in inputs))


def checkpoint(
    function: Callable[..., Any], *args: Any, use_reentrant: bool | None = None, preserve_rng_state: bool = True, **kwargs: Any
) -> Any:
    """`function(*args)`; the reentrant kind computes it again in backward, the other keeps its graph, which gives the same numbers."""
    if use_reentrant is None:
        warnings.warn(_EXPLICIT, stacklevel=2)
        use_reentrant = True
    for option in ("context_fn", "determinism_check", "debug", "early_stop"):
        kwargs.pop(option, None)
    if not use_reentrant:
        return function(*args, **kwargs)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    if not any(isinstance(a, Tensor) and a.requires_grad for a in args):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)
    return CheckpointFunction.apply(function, preserve_rng_state, *args)


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, preserve_rng_state: bool = True
) -> Any:
    """A Sequential in segments, each a checkpoint but the last."""
    if use_reentrant is None:
        warnings.warn(_EXPLICIT.replace("checkpoint:", "checkpoint.checkpoint_sequential:"), stacklevel=2)
        use_reentrant = True
    layers = list(functions.children()) if hasattr(functions, "children") else list(functions)

    def run(part: Sequence[Any]) -> Callable[[Any], Any]:
        def forward(x: Any) -> Any:
            for layer in part:
                x = layer(x)
            return x

        return forward

    size, start = len(layers) // segments, 0
    for _ in range(segments - 1):
        input = checkpoint(run(layers[start : start + size]), input, use_reentrant=use_reentrant, preserve_rng_state=preserve_rng_state)
        start += size
    return run(layers[start:])(input)
