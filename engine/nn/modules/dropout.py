"""Dropout layers (torch.nn): random zeros in training, nothing in evaluation."""

from __future__ import annotations

from typing import Any

from .. import functional
from .layer import RowLayer, layer


class _Dropout(RowLayer):
    constructor = "_DropoutNd"

    def completed(self) -> None:
        if self.p < 0 or self.p > 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {self.p}")

    def compute(self, *inputs: Any) -> Any:
        return getattr(functional, self.function)(inputs[0], self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


def _row(name: str, function: str, doc: str) -> type[RowLayer]:
    return layer(__name__, name, function, doc, {"p": 0.5, "inplace": False}, base=_Dropout)


Dropout = _row("Dropout", "dropout", "Each element is 0 with probability p, the others are divided by 1 - p.")
Dropout1d = _row("Dropout1d", "dropout1d", "Whole channels of (N, C, L).")
Dropout2d = _row("Dropout2d", "dropout2d", "Whole channels of (N, C, H, W).")
Dropout3d = _row("Dropout3d", "dropout3d", "Whole channels of (N, C, D, H, W).")
AlphaDropout = _row("AlphaDropout", "alpha_dropout", "Dropout that keeps mean and variance, for SELU.")
FeatureAlphaDropout = _row("FeatureAlphaDropout", "feature_alpha_dropout", "AlphaDropout of whole channels.")

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]
