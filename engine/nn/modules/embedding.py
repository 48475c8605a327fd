"""Tables of vectors by number (torch.nn.Embedding, EmbeddingBag)."""

from __future__ import annotations

from typing import Any

from ... import random
from ...memory.inplace import overwrite
from ...random import draws
from .. import functional
from ..parameter import Parameter
from .initial import here, normal
from .module import Module


class _Table(Module):
    def _options(
        self, num: int, dim: int, padding_idx: int | None, max_norm: float | None, norm_type: float, by_freq: bool, sparse: bool
    ) -> None:
        self.num_embeddings, self.embedding_dim = num, dim
        if padding_idx is not None:
            if padding_idx > 0:
                if not padding_idx < num:
                    raise AssertionError("Padding_idx must be within num_embeddings")
            elif padding_idx < 0:
                if not padding_idx >= -num:
                    raise AssertionError("Padding_idx must be within num_embeddings")
                padding_idx += num
        self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse = (
            padding_idx,
            max_norm,
            norm_type,
            by_freq,
            sparse,
        )

    def _take_weight(self, given: Any, dtype: Any) -> None:
        if given is None:
            self.weight = normal((self.num_embeddings, self.embedding_dim), dtype)
            self._empty_padding()
        else:
            if list(given.shape) != [self.num_embeddings, self.embedding_dim]:
                raise AssertionError("Shape of weight does not match num_embeddings and embedding_dim")
            self.weight = given if isinstance(given, Parameter) else Parameter(given)

    def _empty_padding(self) -> None:
        if self.padding_idx is not None:
            made = self.weight._data.copy()
            made[self.padding_idx] = 0
            overwrite(self.weight, made)

    def reset_parameters(self) -> None:
        """Draw the table again."""
        overwrite(self.weight, draws.randn(random.default_generator, self.weight._data.shape, self.weight._data.dtype))
        self._empty_padding()

    def _tail(self) -> str:
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if isinstance(self, Embedding) and self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            text += f", norm_type={self.norm_type}"
        if self.scale_grad_by_freq:
            text += f", scale_grad_by_freq={self.scale_grad_by_freq}"
        return text


class Embedding(_Table):
    """One row of a table for each number."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
        scale_grad_by_freq: bool = False, sparse: bool = False, _weight: Any = None, _freeze: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        here(device)
        self._options(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)
        self._take_weight(_weight, dtype)
        if _freeze:
            self.weight.requires_grad_(False)

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
        scale_grad_by_freq: bool = False, sparse: bool = False,
    ) -> Embedding:  # fmt: skip
        """A layer on a given table."""
        if embeddings.dim() != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        rows, columns = embeddings.shape
        return cls(rows, columns, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, embeddings, freeze)

    def forward(self, input: Any) -> Any:
        return functional.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )

    def extra_repr(self) -> str:
        return self._tail() + (", sparse=True" if self.sparse else "")


class EmbeddingBag(_Table):
    """Sums, means or maxima of the rows of each bag of numbers."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False,
        mode: str = "mean", sparse: bool = False, _weight: Any = None, include_last_offset: bool = False, padding_idx: int | None = None,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        here(device)
        self._options(num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)
        self.mode = mode
        self.include_last_offset = include_last_offset
        self._take_weight(_weight, dtype)

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False,
        mode: str = "mean", sparse: bool = False, include_last_offset: bool = False, padding_idx: int | None = None,
    ) -> EmbeddingBag:  # fmt: skip
        """A layer on a given table."""
        if embeddings.dim() != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        rows, columns = embeddings.shape
        made = cls(rows, columns, max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings, include_last_offset, padding_idx)
        made.weight.requires_grad_(not freeze)
        return made

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        return functional.embedding_bag(
            input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.mode, self.sparse, per_sample_weights,
            self.include_last_offset, self.padding_idx,
        )  # fmt: skip

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self._tail()}, mode={self.mode!r}{padding}"


__all__ = ["Embedding", "EmbeddingBag"]
