"""The workers of a DataLoader: each has a copy of the dataset and random numbers of its own, as PyTorch's processes have.

They take turns in this process: what a script sees of them (who fetches which batch, `get_worker_info`, the seeds, that each goes
through an IterableDataset from its start, that the script's own dataset is left alone) is as with processes; their speed is not.
Source: torch/utils/data/_utils/worker.py.
"""

from __future__ import annotations

import copy
import os
import random as python_random
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import random
from ...random.generator import Generator
from .dataset import Dataset
from .fetching import fetcher


@dataclass(frozen=True)
class WorkerInfo:
    """Who is working: what `get_worker_info` gives in a worker."""

    id: int
    num_workers: int
    seed: int
    dataset: Any
    rng: Any = None
    worker_method: str | None = "multiprocessing"


_at_work: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """The worker that runs this line; None in the script itself."""
    return _at_work


class Worker:
    """One worker. `ended` says that its stream has no more; an error of `worker_init_fn` is raised by its first batch."""

    def __init__(self, loader: Any, number: int, base_seed: int) -> None:
        self._loader = loader
        dataset = _copied(loader.dataset)
        self._info = WorkerInfo(number, loader.num_workers, base_seed + number, dataset)
        self._stream = Generator().manual_seed(self._info.seed)
        self._python_state = python_random.Random(self._info.seed).getstate()
        # PyTorch mixes the two numbers as numpy's SeedSequence does
        words = np.random.SeedSequence([number, base_seed & 0xFFFFFFFF, base_seed >> 32, 0]).generate_state(4)
        self._numpy_state: Any = np.random.RandomState(words).get_state()
        self._failed: Exception | None = None
        self.ended = False
        self._fetcher: Any = None
        with self._at_work():
            try:
                if loader.worker_init_fn is not None:
                    loader.worker_init_fn(number)
                self._fetcher = fetcher(loader, dataset)
            except Exception as error:
                self._failed = error

    def restart(self) -> None:
        """Begin the next epoch: the dataset from its start, the random numbers going on."""
        self.ended = False
        with self._at_work():
            self._fetcher = fetcher(self._loader, self._info.dataset)

    def fetch(self, index: Any) -> Any:
        """A batch; an error of the dataset says which worker had it."""
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise self._told(failed)
        with self._at_work():
            try:
                return self._fetcher.fetch(index)
            except StopIteration:
                raise
            except Exception as error:
                failed = error
        raise self._told(failed)

    def _told(self, error: Exception) -> Exception:
        kind = type(error)
        text = "".join(traceback.format_exception(error))
        text = f"Caught {kind.__name__} in DataLoader worker process {self._info.id}.\nOriginal {text}"
        try:
            told: Exception = kind(_Unquoted(text) if kind is KeyError else text)
        except Exception:
            told = RuntimeError(text)
        # where it happened stays where the user's line is
        return told.with_traceback(error.__traceback__)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        global _at_work
        before = _at_work
        outer_python, outer_numpy = python_random.getstate(), np.random.get_state()
        random.default_generator.exchange(self._stream)
        python_random.setstate(self._python_state)
        np.random.set_state(self._numpy_state)
        _at_work = self._info
        try:
            yield
        finally:
            _at_work = before
            random.default_generator.exchange(self._stream)
            self._python_state, self._numpy_state = python_random.getstate(), np.random.get_state()
            python_random.setstate(outer_python)
            np.random.set_state(outer_numpy)


class _Unquoted(str):
    """A KeyError shows the repr of its argument: the lines of a traceback are to stay lines."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _copied(dataset: Any) -> Any:
    """A dataset to write into: its attributes, lists, dicts and sets are a worker's own; tensors and arrays are shared."""
    try:
        made = copy.copy(dataset)
        attributes = vars(made)
    except Exception:
        return dataset
    for name, value in attributes.items():
        if type(value) in (list, dict, set):
            attributes[name] = value.copy()
        elif isinstance(value, Dataset):
            attributes[name] = _copied(value)
    return made


def warn_of_too_many(workers: int) -> None:
    """PyTorch's warning where a loader has more workers than the process may use processors."""
    affinity = getattr(os, "sched_getaffinity", None)
    most = len(affinity(0)) if affinity else os.cpu_count()
    if not workers or (most is not None and workers <= most):
        return
    if most is None:
        suggested = "DataLoader is not able to compute a suggested max number of worker in current system."
    else:
        unchecked = "" if affinity else " (`cpuset` is not taken into account)"
        suggested = (
            f"Our suggested max number of worker in current system is {most}{unchecked}, which is smaller than what this DataLoader is "
            "going to create."
        )
    warnings.warn(
        f"This DataLoader will create {workers} worker processes in total. {suggested} Please be aware that excessive worker creation "
        "might get DataLoader running slow or even freeze, lower the worker number to avoid potential slowness/freeze if necessary.",
        stacklevel=3,
    )
