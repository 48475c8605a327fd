"""torch.utils.checkpoint: a part of a network whose values are computed again in backward instead of being kept.

Source of behaviour and texts: torch/utils/checkpoint.py.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .. import modes, random
from ..autograd.function import Function
from ..autograd.graph import saved_tensors_hooks
from ..graph.backward import current
from ..graph.requests import backward
from ..tensor import Tensor

__all__ = ["CheckpointError", "CheckpointFunction", "checkpoint", "checkpoint_sequential", "set_checkpoint_early_stop"]

_EXPLICIT = (
    "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, calling checkpoint without "
    "use_reentrant will raise an exception. use_reentrant=False is recommended, but if you need to preserve the current default behavior, "
    "you can pass use_reentrant=True. Refer to docs for more details on the differences between the two variants."
)


_NOT_FOR_GRAD = (
    "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` parameter to .backward(). To resolve "
    "this error, you can either set use_reentrant=False, or call .backward() without passing the `inputs` argument."
)
_TIP = """
Tip: To see a more detailed error message, either pass `debug=True` to
`torch.utils.checkpoint.checkpoint(...)` or wrap the code block
with `with torch.utils.checkpoint.set_checkpoint_debug_enabled(True):` to
enable checkpoint‑debug mode globally.

If this error occurs under torch.compile with automatic_dynamic_shapes enabled,
it may be because the recomputation selected a different compiled graph than the
forward pass (e.g., a dynamic graph instead of the original static graph).
To fix this, either:
  - Use torch._dynamo.mark_dynamic() to explicitly mark varying dimensions as
    dynamic upfront, avoiding the static-to-dynamic transition.
  - Call torch._C._dynamo.eval_frame._set_lru_cache(False) to disable LRU cache
    reordering, which can change which graph is checked first between forward
    and recompute.
See https://github.com/pytorch/pytorch/issues/166926 for more details and
workaround examples.
"""
_early_stop: bool | None = None


class CheckpointError(RuntimeError):
    """The part that was computed again kept other tensors than the first time."""


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Whether computing again stops as soon as all that is needed is there, for all checkpoints in the block."""
    global _early_stop
    before, _early_stop = _early_stop, enable
    try:
        yield
    finally:
        _early_stop = before


class _Enough(Exception):  # noqa: N818 - no error: all that backward needs is there
    """Raised to leave the function that is computed again."""


class _Frame:
    """One call of a function: what it kept is numbered, and computed again when a node asks for the first of it."""

    def __init__(self, call: Callable[[], Any], preserve: bool, early_stop: bool) -> None:
        self.call, self.early_stop = call, early_stop
        self.draws = random.get_rng_state() if preserve else None
        self.kept: list[dict[str, Any]] = []  # what PyTorch compares of each tensor
        self.again: dict[int, Tensor] = {}

    def pack(self, tensor: Tensor) -> int:
        """The number of a tensor, which is let go."""
        self.kept.append(_described(tensor))
        return len(self.kept) - 1

    def unpack(self, place: int) -> Tensor:
        """The tensor of a number."""
        if place not in self.again:
            self._compute()
        return self.again.pop(place)

    def _compute(self) -> None:
        made: list[Tensor] = []

        def pack(tensor: Tensor) -> Tensor:
            made.append(tensor.detach())
            if self.early_stop and len(made) == len(self.kept):
                raise _Enough
            return tensor.detach()

        now = random.get_rng_state()
        if self.draws is not None:
            random.set_rng_state(self.draws)
        try:
            with modes.enable_grad(), saved_tensors_hooks(pack, lambda tensor: tensor):
                self.call()
        except _Enough:
            pass
        finally:
            if self.draws is not None:
                random.set_rng_state(now)
        self._compare(made)
        self.again = dict(enumerate(made))

    def _compare(self, made: list[Tensor]) -> None:
        if len(made) != len(self.kept):
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and recomputation.\n"
                f"Number of tensors saved during forward: {len(self.kept)}\n"
                f"Number of tensors saved during recomputation: {len(made)}.\n{_TIP}"
            )
        pairs = [(k, before, _described(now)) for k, (before, now) in enumerate(zip(self.kept, made, strict=True))]
        told = "".join(
            f"tensor at position {k}:\nsaved metadata: {before}\nrecomputed metadata: {now}\n" for k, before, now in pairs if before != now
        )
        if told:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than during the forward pass.\n"
                f"{told}.\n{_TIP}"
            )


def _described(tensor: Tensor) -> dict[str, Any]:
    return {"shape": tensor.shape, "dtype": tensor.dtype, "device": tensor.device}


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
        this = current()
        if this is not None and this.only is not None:
            raise RuntimeError(_NOT_FOR_GRAD)
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
    """`function(*args)`, computed again in backward; the reentrant kind keeps no graph of it meanwhile, the other no numbers."""
    if use_reentrant is None:
        warnings.warn(_EXPLICIT, stacklevel=2)
        use_reentrant = True
    early_stop = kwargs.pop("early_stop", True)
    kwargs.pop("determinism_check", None)
    inside, debug = kwargs.pop("context_fn", None), kwargs.pop("debug", False)
    if use_reentrant and (inside is not None or debug):
        raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
    if not use_reentrant:
        if not modes.grad:
            return function(*args, **kwargs)
        frame = _Frame(lambda: function(*args, **kwargs), preserve_rng_state, early_stop if _early_stop is None else _early_stop)
        with saved_tensors_hooks(frame.pack, frame.unpack):
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
    count = len(functions)
    layers = list(functions.children()) if hasattr(functions, "children") else list(functions)

    def run(part: Sequence[Any]) -> Callable[[Any], Any]:
        def forward(x: Any) -> Any:
            for layer in part:
                x = layer(x)
            return x

        return forward

    size, start = count // segments, 0
    if not size and segments > 1:
        raise ValueError("range() arg 3 must not be zero")
    for _ in range(segments - 1):
        input = checkpoint(run(layers[start : start + size]), input, use_reentrant=use_reentrant, preserve_rng_state=preserve_rng_state)
        start += size
    return run(layers[start:])(input)
