"""torch.nn.utils.stateless: the older way to call a module with other parameters."""

from __future__ import annotations

from typing import Any

from ... import modes


def functional_call(
    module: Any, parameters_and_buffers: Any, args: Any = None, kwargs: Any = None, *, tie_weights: bool = True, strict: bool = False
) -> Any:
    """torch.func.functional_call, with PyTorch's warning that this way to it goes."""
    from ...func.transforms import functional_call as call

    modes.warn(
        "`torch.nn.utils.stateless.functional_call` is deprecated as of PyTorch 2.0 and will be removed in a future version of PyTorch. "
        "Please use `torch.func.functional_call` instead which is a drop-in replacement.",
        FutureWarning,
    )
    return call(module, parameters_and_buffers, args, kwargs, tie_weights=tie_weights, strict=strict)


__all__ = ["functional_call"]
