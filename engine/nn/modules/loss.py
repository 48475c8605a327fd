"""Losses as layers (torch.nn): each a row with the function it calls."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...ops.losses.loss import legacy_reduction
from .. import functional
from .layer import RowLayer, layer
from .linear import Linear
from .module import Module

_OLD: dict[str, Any] = {"size_average": None, "reduce": None}


def _reduction(average: bool | None, reduce: bool | None) -> str:
    """What the options of old PyTorch come to."""
    return legacy_reduction("mean", average, reduce)


class _Loss(Module):
    """Base of the losses, and of those that scripts write."""

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction if size_average is None and reduce is None else _reduction(size_average, reduce)


class _WeightedLoss(_Loss):
    """Base of losses with a weight for each class."""

    def __init__(self, weight: Any = None, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class _LossRow(RowLayer, _Loss):
    """A loss of PyTorch's; translates the options of old PyTorch."""

    def completed(self) -> None:
        delta = getattr(self, "delta", 1.0)
        if not isinstance(delta, (float, int)):
            raise TypeError(f"delta must be a float or int, got: {type(delta)}")
        if self.function == "triplet_margin_loss" and self.margin <= 0:
            raise ValueError(f"TripletMarginLoss: expected margin to be greater than 0, got {self.margin} instead")
        if self.function == "multi_margin_loss":
            if self.p not in (1, 2):
                raise ValueError("only p == 1 and p == 2 supported")
            if self.weight is not None and self.weight.dim() != 1:
                raise ValueError(f"MultiMarginLoss: expected weight to be None or 1D tensor, got {self.weight.dim()}D instead")
        old = [self.__dict__.pop(n, None) for n in ("size_average", "reduce")]  # `reduction` says it from here on
        if any(v is not None for v in old):
            self.reduction = _reduction(*old)


def _row(
    name: str,
    function: str,
    doc: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    *,
    old: bool = True,
    buffers: tuple[str, ...] = (),
    inputs: tuple[str, ...] = ("input", "target"),
) -> type[RowLayer]:
    constructor = "" if after or (before and before is not _W) or not old else "_WeightedLoss" if before else "_Loss"
    options = {
        **(before or {}),
        **(_OLD if old else {}),
        **(after if after and "reduction" in after else {"reduction": "mean", **(after or {})}),
    }
    made = layer(__name__, name, function, doc, options, hidden=("size_average", "reduce"), buffers=buffers, base=_LossRow, inputs=inputs)
    made.constructor = constructor
    return made


_W: dict[str, Any] = {"weight": None}
_MEAN: dict[str, Any] = {"reduction": "mean"}

L1Loss = _row("L1Loss", "l1_loss", "Mean of |x - y|.")
MSELoss = _row("MSELoss", "mse_loss", "Mean of (x - y)^2.")
SmoothL1Loss = _row("SmoothL1Loss", "smooth_l1_loss", "Quadratic near 0, linear beyond beta.", after={**_MEAN, "beta": 1.0})
HuberLoss = _row("HuberLoss", "huber_loss", "Quadratic up to delta, linear beyond.", old=False, after={**_MEAN, "delta": 1.0})
BCELoss = _row("BCELoss", "binary_cross_entropy", "Cross-entropy of probabilities with labels 0 and 1.", _W, buffers=("weight",))
BCEWithLogitsLoss = _row(
    "BCEWithLogitsLoss", "binary_cross_entropy_with_logits", "Cross-entropy of logits with labels 0 and 1.", _W, {**_MEAN, "pos_weight": None},
    buffers=("weight", "pos_weight"),
)  # fmt: skip
KLDivLoss = _row("KLDivLoss", "kl_div", "y (log y - x), x in logarithms.", after={**_MEAN, "log_target": False})
HingeEmbeddingLoss = _row("HingeEmbeddingLoss", "hinge_embedding_loss", "x where y = 1, max(0, margin - x) where y = -1.", {"margin": 1.0})
SoftMarginLoss = _row("SoftMarginLoss", "soft_margin_loss", "log(1 + e^(-y x)).")
CosineEmbeddingLoss = _row(
    "CosineEmbeddingLoss",
    "cosine_embedding_loss",
    "1 - cos for pairs, max(0, cos - margin) for others.",
    {"margin": 0.0},
    inputs=("input1", "input2", "target"),
)
MarginRankingLoss = _row(
    "MarginRankingLoss", "margin_ranking_loss", "max(0, -y (x1 - x2) + margin).", {"margin": 0.0}, inputs=("input1", "input2", "target")
)
MultiLabelMarginLoss = _row("MultiLabelMarginLoss", "multilabel_margin_loss", "Hinge between right and wrong classes.")
MultiLabelSoftMarginLoss = _row(
    "MultiLabelSoftMarginLoss", "multilabel_soft_margin_loss", "One logistic loss a class.", _W, buffers=("weight",)
)
MultiMarginLoss = _row(
    "MultiMarginLoss",
    "multi_margin_loss",
    "Hinge between the right class and the others.",
    {"p": 1, "margin": 1.0, "weight": None},
    buffers=("weight",),
)
TripletMarginLoss = _row(
    "TripletMarginLoss",
    "triplet_margin_loss",
    "max(0, d(a, p) - d(a, n) + margin).",
    {"margin": 1.0, "p": 2.0, "eps": 1e-6, "swap": False},
    inputs=("anchor", "positive", "negative"),
)
PoissonNLLLoss = layer(
    __name__, "PoissonNLLLoss", "poisson_nll_loss", "Negative log likelihood of counts.",
    {"log_input": True, "full": False, "size_average": None, "eps": 1e-8, "reduce": None, "reduction": "mean"},
    hidden=("size_average", "reduce"), base=_LossRow, inputs=("log_input", "target"),
)  # fmt: skip
GaussianNLLLoss = layer(
    __name__, "GaussianNLLLoss", "gaussian_nll_loss", "Negative log likelihood of a normal with given variance.",
    {"full": False, "eps": 1e-6, "reduction": "mean"}, base=_LossRow, inputs=("input", "target", "var"),
)  # fmt: skip
GaussianNLLLoss.named_only = True
NLLLoss = layer(
    __name__, "NLLLoss", "nll_loss", "Minus the log probability of the right class.",
    {"weight": None, "size_average": None, "ignore_index": -100, "reduce": None, "reduction": "mean"},
    hidden=("size_average", "reduce"), buffers=("weight",), base=_LossRow, inputs=("input", "target"),
)  # fmt: skip
CrossEntropyLoss = layer(
    __name__, "CrossEntropyLoss", "cross_entropy", "Log softmax, then NLL.",
    {"weight": None, "size_average": None, "ignore_index": -100, "reduce": None, "reduction": "mean", "label_smoothing": 0.0},
    hidden=("size_average", "reduce"), buffers=("weight",), base=_LossRow, inputs=("input", "target"),
)  # fmt: skip
CTCLoss = layer(
    __name__, "CTCLoss", "ctc_loss", "Minus the log probability of a labelling over all its alignments.",
    {"blank": 0, "reduction": "mean", "zero_infinity": False}, base=_LossRow, inputs=("log_probs", "targets", "input_lengths", "target_lengths"),
)  # fmt: skip
CosineSimilarity = layer(
    __name__, "CosineSimilarity", "cosine_similarity", "Cosine of the angle of vectors.", {"dim": 1, "eps": 1e-8}, inputs=("x1", "x2")
)
PairwiseDistance = layer(
    __name__,
    "PairwiseDistance",
    "pairwise_distance",
    "p-norm of differences.",
    {"p": 2.0, "eps": 1e-6, "keepdim": False},
    inputs=("x1", "x2"),
)


class TripletMarginWithDistanceLoss(Module):
    """TripletMarginLoss with a distance of one's own."""

    def __init__(
        self, *, distance_function: Callable[..., Any] | None = None, margin: float = 1.0, swap: bool = False, reduction: str = "mean"
    ) -> None:
        super().__init__()
        self.distance_function = distance_function if distance_function is not None else PairwiseDistance()
        self.margin = margin
        self.swap = swap
        self.reduction = reduction

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
        return functional.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )


class LinearCrossEntropyLoss(_WeightedLoss):
    """CrossEntropyLoss of a linear layer of its own: the head of a classifier and its loss in one."""

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: Any = None,
        dtype: Any = None,
        reduction: str = "mean",
        weight: Any = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: Any = None,
    ) -> None:
        if weight is not None and tuple(weight.shape) != (num_classes,):
            raise RuntimeError(f"expected weight shape to be {(num_classes,)}, got {tuple(weight.shape)}")
        if label_smoothing < 0 or label_smoothing > 1.0:
            raise RuntimeError(f"expected label_smoothing to be in range [0, 1], got {label_smoothing}")
        super().__init__(weight=weight, reduction=reduction)
        self.num_classes = num_classes
        self.out_features = out_features
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing
        self.linear = Linear(in_features, math.prod(out_features, start=num_classes), bias=bias, device=device, dtype=dtype)
        self.options = options

    def forward(self, input: Any, target: Any) -> Any:
        shape = (self.num_classes, *self.out_features)
        return functional.linear_cross_entropy(
            input,
            self.linear.weight.reshape((*shape, self.linear.in_features)),
            target,
            linear_bias=None if self.linear.bias is None else self.linear.bias.reshape(shape),
            weight=self.weight,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
            options=self.options,
        )

    def extra_repr(self) -> str:
        return (
            f"in_features={self.linear.in_features}, num_classes={self.num_classes}, out_features={self.out_features}, "
            f"bias={self.linear.bias is not None}, reduction={self.reduction}, ignore_index={self.ignore_index}, "
            f"label_smoothing={self.label_smoothing}, options={self.options}"
        )


__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CTCLoss", "CosineEmbeddingLoss", "CosineSimilarity", "CrossEntropyLoss", "GaussianNLLLoss", "HingeEmbeddingLoss",
    "HuberLoss", "KLDivLoss", "L1Loss", "LinearCrossEntropyLoss", "MSELoss", "MarginRankingLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss", "NLLLoss",
    "PairwiseDistance", "PoissonNLLLoss", "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss",
]  # fmt: skip
