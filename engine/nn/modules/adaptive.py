"""AdaptiveLogSoftmaxWithLoss (torch.nn): frequent classes in the first layer, rare ones in clusters behind it."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from ...naming.namespace import TORCH
from .. import functional
from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module

_ASMoutput = namedtuple("_ASMoutput", ["output", "loss"])


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log-probabilities of very many classes; gives (output, loss) for targets."""

    def __init__(
        self, in_features: int, n_classes: int, cutoffs: Sequence[int], div_value: float = 4.0, head_bias: bool = False, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        ends = list(cutoffs)
        if not ends:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        if ends != sorted(set(ends)) or min(ends) <= 0 or max(ends) > n_classes - 1 or any(int(c) != c for c in ends):
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and "
                "n_classes-1"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*ends, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = ends[0]
        self.n_clusters = len(ends)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, device=device, dtype=dtype)
        self.tail = ModuleList()
        for k in range(self.n_clusters):
            hidden = int(in_features // div_value ** (k + 1))
            self.tail.append(
                Sequential(
                    Linear(in_features, hidden, bias=False, device=device, dtype=dtype),
                    Linear(hidden, self.cutoffs[k + 1] - self.cutoffs[k], bias=False, device=device, dtype=dtype),
                )
            )

    def reset_parameters(self) -> None:
        """Draw all weights anew."""
        self.head.reset_parameters()
        for inner, outer in self.tail:
            inner.reset_parameters()
            outer.reset_parameters()

    def forward(self, input_: Any, target_: Any) -> Any:
        n = target_.dim()
        if n == 1 and input_.size(0) != target_.size(0):
            raise RuntimeError("Input and target should have the same size in the batch dimension.")
        if n > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        if input_.dim() != n + 1:
            raise RuntimeError(f"{n}D target tensor expects {n + 1}D input tensors, but found inputs with size {input_.size()}")
        input, target = (input_, target_) if n else (input_.unsqueeze(0), target_.unsqueeze(0))
        output, places, used = input.new_zeros(target.size(0)), target.new_empty(target.size(0)), 0
        for k, (low, high) in enumerate(zip([0, *self.cutoffs], self.cutoffs, strict=False)):
            inside = (target >= low) & (target < high)
            rows = inside.nonzero().squeeze()
            if not rows.numel():
                continue
            if k == 0:
                places.index_copy_(0, rows, target[inside])
            else:
                scores = functional.log_softmax(self.tail[k - 1](input.index_select(0, rows)), dim=1)
                places.index_fill_(0, rows, self.shortlist_size + k - 1)
                output.index_copy_(0, rows, scores.gather(1, (target[inside] - low).unsqueeze(1)).squeeze(1))
            used += rows.numel()
        if used != target.size(0):
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range [{target.min().item()}, {target.max().item()}] "
                "were found. "
            )
        scores = functional.log_softmax(self.head(input), dim=1)
        output += scores.gather(1, places.unsqueeze(1)).squeeze()
        loss = (-output).mean()
        return _ASMoutput(output if n else output.squeeze(0), loss)

    def _get_full_log_prob(self, input: Any, head_output: Any) -> Any:
        """The log-probabilities of all classes."""
        out = input.new_empty((head_output.size(0), self.n_classes))
        head = functional.log_softmax(head_output, dim=1)
        out[:, : self.shortlist_size] = head[:, : self.shortlist_size]
        for k, (low, high) in enumerate(zip(self.cutoffs, self.cutoffs[1:], strict=False)):
            cluster = functional.log_softmax(self.tail[k](input), dim=1)
            out[:, low:high] = cluster + head[:, self.shortlist_size + k].unsqueeze(1)
        return out

    def log_prob(self, input: Any) -> Any:
        """The log-probabilities of all classes."""
        return self._get_full_log_prob(input, self.head(input))

    def predict(self, input: Any) -> Any:
        """The most probable class of each row; clusters are looked into where they may win only."""
        head = self.head(input)
        output = TORCH["argmax"](head, dim=1)
        rare = output >= self.shortlist_size
        if not rare.any():
            return output
        if rare.all():
            return TORCH["argmax"](self._get_full_log_prob(input, head), dim=1)
        output[rare] = TORCH["argmax"](self._get_full_log_prob(input[rare], head[rare]), dim=1)
        return output


__all__ = ["AdaptiveLogSoftmaxWithLoss"]
