"""Ops whose slope has no slope of its own, where a backward pass is recorded itself (create_graph).

A slope that is a step moves with x nowhere, and yet PyTorch's gradient of it is zeros, not nothing: what is computed of it can be
asked for gradients, and a penalty on the gradient of a pooling layer alone is no error. Others PyTorch refuses, once they are asked.
"""

from __future__ import annotations

from typing import Any

# by the names of their nodes; the slope's has a second "Backward"
_STEPS = frozenset(
    f"{name}Backward0"
    for name in (
        *("LeakyRelu", "Hardtanh", "Hardshrink", "Softshrink", "Threshold", "Relu", "PreluKernel", "RreluWithNoise"),
        *("MaxPool2DWithIndices", "MaxPool3DWithIndices", "FractionalMaxPool2D", "FractionalMaxPool3D", "AvgPool2D", "AvgPool3D"),
        *("AdaptiveAvgPool2D", "AdaptiveAvgPool3D", "AdaptiveMaxPool2D", "AdaptiveMaxPool3D", "NllLoss", "NllLoss2D"),
        *(f"{kind}Pad{n}D" for kind in ("Reflection", "Replication") for n in (1, 2, 3)),
    )
)
_REFUSED = {
    "CdistBackward0": NotImplementedError("the derivative for '_cdist_backward' is not implemented."),
    **{
        f"{name}Backward0": RuntimeError(f"derivative for aten::{kernel}_backward is not implemented")
        for name, kernel in (
            ("CtcLoss", "_ctc_loss"),
            ("Hardsigmoid", "hardsigmoid"),
            ("MultiMarginLoss", "multi_margin_loss"),
            ("MultilabelMarginLoss", "multilabel_margin_loss"),
        )
    },
}
LINKED = _STEPS | _REFUSED.keys()
_links: dict[str, Any] = {}  # rows, made by the class of those that they belong to


def linked(op: Any, g: Any, x: Any) -> Any:
    """The gradient `g` with a way back to `x`: along it zeros come, or an error."""
    link = _links.get(op.grad_fn)
    if link is None:
        link = _links[op.grad_fn] = _link(op)
    return link(g, x)


def _link(op: Any) -> Any:
    error = _REFUSED.get(op.grad_fn)
    name, grad_fn = f"{op.name}_backward", f"{op.grad_fn.removesuffix('0')}Backward0"
    if op.name == "relu":
        name, grad_fn = "threshold_backward", "ThresholdBackwardBackward0"
    if error is not None and not isinstance(error, NotImplementedError):
        grad_fn = "NotImplemented"
    vjps = (lambda g: g, lambda g: g * 0) if error is None else (_refusing(error), _refusing(error))
    return type(op)(
        name, lambda g, x: g, inputs=("g", "x"), grad_fn=grad_fn, vjps=vjps, formulas=(r"\bar{g}", "0"), elementwise=op.elementwise
    )


forwards = [False]  # while tangents are pushed by two backward passes: that asks for no second slope


def _refusing(error: RuntimeError) -> Any:
    def vjp(g: Any) -> Any:
        if forwards[0]:
            return g
        raise type(error)(*error.args)

    return vjp


__all__ = ["LINKED", "forwards", "linked"]
