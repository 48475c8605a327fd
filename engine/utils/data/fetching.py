"""Fetching: the samples of one batch, collated. Of a dataset by their numbers, of a stream the next ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...tensor import Tensor
from .collate import default_collate
from .dataset import IterableDataset, Subset, TensorDataset


class MapFetcher:
    """Samples by number. `index` is a list of numbers where the loader makes the batches, one number otherwise."""

    def __init__(self, dataset: Any, batched: bool, collate_fn: Callable[[Any], Any]) -> None:
        self._dataset, self._batched, self._collate = dataset, batched, collate_fn

    def fetch(self, index: Any) -> Any:
        """The batch of these numbers."""
        if not self._batched:
            return self._collate(self._dataset[index])
        if self._collate is default_collate:
            rows = _rows(self._dataset, index)
            if rows is not None:
                return rows
        many = getattr(self._dataset, "__getitems__", None)
        return self._collate(many(index) if many else [self._dataset[k] for k in index])


class StreamFetcher:
    """The next samples of an IterableDataset; StopIteration at its end."""

    def __init__(self, dataset: Any, batched: bool, collate_fn: Callable[[Any], Any], drop_last: bool) -> None:
        self._items = iter(dataset)
        self._batched, self._collate, self._drop_last = batched, collate_fn, drop_last
        self._ended = False

    def fetch(self, index: Any) -> Any:
        """As many samples as `index` is long."""
        if self._ended:
            raise StopIteration
        if not self._batched:
            return self._collate(next(self._items))
        batch = []
        for _ in index:
            try:
                batch.append(next(self._items))
            except StopIteration:
                self._ended = True
                break
        if not batch or (self._drop_last and len(batch) < len(index)):
            raise StopIteration
        return self._collate(batch)


def fetcher(loader: Any, dataset: Any) -> MapFetcher | StreamFetcher:
    """What fetches the batches of `loader` from `dataset`, which is the loader's or a worker's copy of it."""
    batched = loader.batch_sampler is not None
    if isinstance(dataset, IterableDataset):
        return StreamFetcher(dataset, batched, loader.collate_fn, loader.drop_last)
    return MapFetcher(dataset, batched, loader.collate_fn)


def _rows(dataset: Any, index: list[int]) -> list[Any] | None:
    """A batch of a TensorDataset taken at once: one array each, in place of an op for each sample; None for other datasets."""
    while type(dataset) is Subset:
        dataset, index = dataset.dataset, [dataset.indices[k] for k in index]
    if type(dataset) is not TensorDataset or any(t._requires_grad for t in dataset.tensors):
        return None
    if not all(isinstance(k, (int, np.integer)) for k in index):
        return None
    where = np.array(index)
    return [Tensor._of(t._data[where]) for t in dataset.tensors]
