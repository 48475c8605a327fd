"""Losses as PyTorch's parser has them: torch.kl_div(x, y, 1), whose reductions are the numbers 0 (none), 1 (mean) and 2 (sum).

torch.nn.functional's functions of the same names are what they come to; these ask for the sum in another way. Without a number
nothing is summed, though PyTorch's documentation shows a mean: its parser cannot read the default, and takes 0.
"""

from __future__ import annotations

from typing import Any

from ...naming.namespace import export
from .ctc import ctc_loss
from .loss import (
    binary_cross_entropy_with_logits,
    cosine_embedding_loss,
    hinge_embedding_loss,
    kl_div,
    margin_ranking_loss,
    poisson_nll_loss,
    reduced,
    triplet_margin_loss,
)

_WORDS = {1: "mean", 2: "sum"}  # any other number: nothing is summed


def _word(reduction: int) -> str:
    return _WORDS.get(reduction, "none")


@export("torch", "kl_div")
def kl_div_numbered(input: Any, target: Any, reduction: int = 0, *, log_target: bool = False) -> Any:
    """The divergence of two distributions, element by element: its mean is no mean over the batch."""
    return reduced(kl_div(input, target, reduction="none", log_target=log_target), _word(reduction))


@export("torch", "binary_cross_entropy_with_logits")
def binary_cross_entropy_with_logits_numbered(
    input: Any, target: Any, weight: Any = None, pos_weight: Any = None, reduction: int = 0
) -> Any:
    """Cross-entropy of logits and probabilities."""
    return binary_cross_entropy_with_logits(input, target, weight, pos_weight=pos_weight, reduction=_word(reduction))


@export("torch", "margin_ranking_loss")
def margin_ranking_loss_numbered(input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: int = 0) -> Any:
    """Whether one is larger than the other by a margin."""
    return margin_ranking_loss(input1, input2, target, margin, reduction=_word(reduction))


@export("torch", "hinge_embedding_loss")
def hinge_embedding_loss_numbered(input: Any, target: Any, margin: float = 1.0, reduction: int = 0) -> Any:
    """Distances that shall be small, or larger than a margin."""
    return hinge_embedding_loss(input, target, margin, reduction=_word(reduction))


@export("torch", "cosine_embedding_loss")
def cosine_embedding_loss_numbered(input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: int = 0) -> Any:
    """Angles that shall be small, or larger than a margin."""
    return cosine_embedding_loss(input1, input2, target, margin, reduction=_word(reduction))


@export("torch", "triplet_margin_loss")
def triplet_margin_loss_numbered(
    anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2, eps: float = 1e-6, swap: bool = False, reduction: int = 0
) -> Any:
    """An anchor that shall be nearer to one than to another."""
    return triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction=_word(reduction))


@export("torch", "poisson_nll_loss")
def poisson_nll_loss_numbered(input: Any, target: Any, log_input: bool, full: bool, eps: float, reduction: int) -> Any:
    """Negative log-likelihood of a count."""
    return poisson_nll_loss(input, target, log_input, full, eps=eps, reduction=_word(reduction))


@export("torch", "ctc_loss")
def ctc_loss_numbered(
    log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0, reduction: int = 0, zero_infinity: bool = False
) -> Any:
    """Log probabilities of all alignments of a sequence."""
    return ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, _word(reduction), zero_infinity)
