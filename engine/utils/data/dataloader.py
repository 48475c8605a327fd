"""DataLoader: batches of a dataset, in PyTorch's order (torch.utils.data.DataLoader).

All work happens in this process: with `num_workers` above 0 the batches and their order are the same.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import numpy as np

from ... import events
from ...tensor import Tensor
from .collate import default_collate, default_convert
from .dataset import IterableDataset, Subset, TensorDataset
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler, draw_seed

T_co = TypeVar("T_co", covariant=True)

_FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")


class _Endless(Sampler[None]):
    """The sampler of an iterable dataset: nothing to choose."""

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None


def get_worker_info() -> None:
    """There are no worker processes."""
    return


class DataLoader(Generic[T_co]):
    """Goes through a dataset in batches; each `iter` is one epoch."""

    _ready = False

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Any = None,
        batch_sampler: Any = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        if multiprocessing_context is not None and num_workers == 0:
            raise ValueError(
                f"multiprocessing_context can only be used with multi-process loading (num_workers > 0), but got num_workers={num_workers}"
            )
        self.dataset = dataset
        self.num_workers = num_workers
        self.prefetch_factor = 2 if num_workers > 0 and prefetch_factor is None else prefetch_factor
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.in_order = in_order
        self._iterable = isinstance(dataset, IterableDataset)
        if self._iterable:
            _check_iterable(shuffle, sampler, batch_sampler)
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last")
            batch_size, drop_last = None, False
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if sampler is None:
            if self._iterable:
                sampler = _Endless()
            else:
                sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.generator = generator
        if collate_fn is None:
            collate_fn = default_convert if batch_sampler is None else default_collate
        self.collate_fn = collate_fn
        self.persistent_workers = persistent_workers
        self._with_history = False  # whether batches turned out to require gradients
        self._promised: int | None = None  # what len() said of an iterable dataset
        self._ready = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self._ready and name in _FIXED:
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    @property
    def _index_sampler(self) -> Any:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def __iter__(self) -> Iterator[Any]:
        return _MultiProcessingDataLoaderIter(self) if self.num_workers else _SingleProcessDataLoaderIter(self)

    def __len__(self) -> int:
        if not self._iterable:
            return len(self._index_sampler)
        length = self._promised = len(self.dataset)
        if self.batch_size is None:
            return length
        return length // self.batch_size if self.drop_last else math.ceil(length / self.batch_size)


def _check_workers(num_workers: int, timeout: float, prefetch_factor: int | None, persistent: bool) -> None:
    if num_workers < 0:
        raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if num_workers == 0 and prefetch_factor is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable multiprocessing, "
            "otherwise set prefetch_factor to None."
        )
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ValueError("prefetch_factor option should be non-negative")
    if persistent and num_workers == 0:
        raise ValueError("persistent_workers option needs num_workers > 0")


def _check_iterable(shuffle: bool | None, sampler: Any, batch_sampler: Any) -> None:
    for name, value in (("shuffle", shuffle or None), ("sampler", sampler), ("batch_sampler", batch_sampler)):
        if value is not None:
            raise ValueError(f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}")


class _SingleProcessDataLoaderIter:
    """One pass through a loader; drawing numbers at its start and with the first batch, as PyTorch does."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        if loader.pin_memory:
            warnings.warn(
                "'pin_memory' argument is set as true but no accelerator is found, then device pinned memory won't be used.", stacklevel=3
            )
        self._loader = loader
        self._numbers = iter(loader._index_sampler)
        self._base_seed = draw_seed(loader.generator)
        self._items = iter(loader.dataset) if loader._iterable else None
        self._ended = False
        self._yielded = 0

    def __iter__(self) -> _SingleProcessDataLoaderIter:
        return self

    def __len__(self) -> int:
        return len(self._loader._index_sampler)

    def __next__(self) -> Any:
        index = next(self._numbers)
        if self._loader._with_history:
            data = self._fetch(index)
        else:
            # hundreds of picks and a stack for each batch would bury the model in a recording: a batch is told as a leaf
            with events.unwatched():
                data = self._fetch(index)
            self._loader._with_history = not _tell(data)
        self._yielded += 1
        promised = self._loader._promised
        if self._items is not None and promised is not None and self._yielded > promised:
            warnings.warn(
                f"Length of IterableDataset {self._loader.dataset} was reported to be {promised}(when accessing len(dataloader)), but "
                f"{self._yielded} samples have been fetched. ",
                stacklevel=2,
            )
        return data

    def _fetch(self, index: Any) -> Any:
        return self._of_dataset(index) if self._items is None else self._of_stream(index)

    def _of_dataset(self, index: Any) -> Any:
        loader = self._loader
        if loader.batch_sampler is None:
            return loader.collate_fn(loader.dataset[index])
        if loader.collate_fn is default_collate:
            rows = _rows(loader.dataset, index)
            if rows is not None:
                return rows
        many = getattr(loader.dataset, "__getitems__", None)
        return loader.collate_fn(many(index) if many else [loader.dataset[k] for k in index])

    def _of_stream(self, index: Any) -> Any:
        loader, items = self._loader, self._items
        if self._ended or items is None:
            raise StopIteration
        if loader.batch_sampler is None:
            return loader.collate_fn(next(items))
        batch = []
        for _ in index:
            try:
                batch.append(next(items))
            except StopIteration:
                self._ended = True
                break
        if not batch or (loader.drop_last and len(batch) < len(index)):
            raise StopIteration
        return loader.collate_fn(batch)


class _MultiProcessingDataLoaderIter(_SingleProcessDataLoaderIter):
    """What PyTorch calls it when there are workers; here they are this process."""


def _tell(data: Any) -> bool:
    """Tell the watcher of the tensors of a batch; False where one has a history, which must then be told as it is made."""
    waiting, plain = [data], True
    while waiting:
        item = waiting.pop()
        if isinstance(item, Tensor):
            if item._requires_grad:
                plain = False
            elif events.watcher is not None:
                events.watcher.create_leaf(item)
        elif isinstance(item, (list, tuple)):
            waiting += reversed(item)
        elif isinstance(item, dict):
            waiting += reversed(list(item.values()))
    return plain


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
