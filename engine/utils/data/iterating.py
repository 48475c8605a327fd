"""One epoch of a DataLoader: its iterators, without workers and with them (torch/utils/data/dataloader.py)."""

from __future__ import annotations

import itertools
import warnings
from collections import deque
from typing import Any

from ... import events
from ...tensor import Tensor
from .dataset import IterableDataset
from .fetching import fetcher
from .sampler import draw_seed
from .workers import Worker


class _BaseDataLoaderIter:
    """One pass through a loader; drawing numbers at its start and with the first batch, as PyTorch does."""

    _of_workers = ""  # what the warning of too many samples adds

    def __init__(self, loader: Any) -> None:
        if loader.pin_memory:
            warnings.warn(
                "'pin_memory' argument is set as true but no accelerator is found, then device pinned memory won't be used.", stacklevel=4
            )
        self._loader = loader
        self._numbers = iter(loader._index_sampler)
        self._base_seed = draw_seed(loader.generator)
        self._yielded = 0

    def __iter__(self) -> _BaseDataLoaderIter:
        return self

    def __len__(self) -> int:
        return len(self._loader._index_sampler)

    def __next__(self) -> Any:
        if self._loader._with_history:
            data = self._next_data()
        else:
            # hundreds of picks and a stack for each batch would bury the model in a recording: a batch is told as a leaf
            with events.unwatched():
                data = self._next_data()
            self._loader._with_history = not _tell(data)
        self._yielded += 1
        promised, dataset = self._loader._promised, self._loader.dataset
        if promised is not None and self._yielded > promised and isinstance(dataset, IterableDataset):
            warnings.warn(
                f"Length of IterableDataset {dataset} was reported to be {promised}(when accessing len(dataloader)), but "
                f"{self._yielded} samples have been fetched. {self._of_workers}",
                stacklevel=2,
            )
        return data

    def _next_data(self) -> Any:
        raise NotImplementedError


class _SingleProcessDataLoaderIter(_BaseDataLoaderIter):
    """The script itself fetches."""

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        self._fetcher = fetcher(loader, loader.dataset)

    def _next_data(self) -> Any:
        return self._fetcher.fetch(next(self._numbers))


class _MultiProcessingDataLoaderIter(_BaseDataLoaderIter):
    """Workers fetch in turn. Their batches are numbered ahead, `prefetch_factor` for each worker, which is when the sampler is asked."""

    _of_workers = (
        "For multiprocessing data-loading, this could be caused by not properly configuring the IterableDataset replica at each worker. "
        "Please see https://pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset for examples."
    )

    def __init__(self, loader: Any) -> None:
        super().__init__(loader)
        with events.unwatched():
            self._workers = [Worker(loader, number, self._base_seed) for number in range(loader.num_workers)]
        self._assign_ahead()

    def restart(self) -> None:
        """The next epoch with the same workers."""
        self._numbers = iter(self._loader._index_sampler)
        self._yielded = 0
        for worker in self._workers:
            worker.restart()
        self._assign_ahead()

    def _assign_ahead(self) -> None:
        self._turns = itertools.cycle(self._workers)
        self._tasks: deque[tuple[Worker, Any]] = deque()
        for _ in range(self._loader.prefetch_factor * self._loader.num_workers):
            self._assign()

    def _assign(self) -> None:
        try:
            index = next(self._numbers)
        except StopIteration:
            return
        for worker in itertools.islice(self._turns, len(self._workers)):
            if not worker.ended:
                self._tasks.append((worker, index))
                return

    def _next_data(self) -> Any:
        while self._tasks:
            worker, index = self._tasks.popleft()
            if worker.ended:
                continue
            try:
                data = worker.fetch(index)
            except StopIteration:
                if not self._loader._iterable:
                    raise
                worker.ended = True
                self._assign()
                continue
            except Exception:
                self._assign()
                raise
            self._assign()
            return data
        raise StopIteration


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
