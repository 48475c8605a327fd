"""What loaders and datasets do besides order: collating, errors, lengths, and what a watcher sees."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from engine import events, torch_module

torch = torch_module.module()
data = torch.utils.data
Point = namedtuple("Point", ["x", "y"])


def test_collating_keeps_the_containers() -> None:
    batch = data.default_collate([Point(1.5, np.int32(2)), Point(2.5, np.int32(3))])
    assert isinstance(batch, Point)
    assert (batch.x.dtype, batch.y.dtype) == (torch.float64, torch.int32)
    made = data.default_collate([{"a": (1, "u"), "b": np.ones(2, np.float32)}, {"a": (2, "v"), "b": np.zeros(2, np.float32)}])
    assert made["a"][0].tolist() == [1, 2]
    assert made["a"][1] == ("u", "v")
    assert (made["b"].dtype, tuple(made["b"].shape)) == (torch.float32, (2, 2))


def test_booleans_become_a_bool_tensor() -> None:
    assert data.default_collate([True, False]).dtype is torch.bool


def test_collating_something_else_says_what() -> None:
    with pytest.raises(TypeError) as raised:
        data.default_collate([object(), object()])
    assert str(raised.value) == (
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'object'>"
    )


def test_collating_uneven_samples() -> None:
    with pytest.raises(RuntimeError, match="each element in list of batch should be of equal size"):
        data.default_collate([[1, 2], [1]])


def test_default_convert() -> None:
    assert isinstance(data.default_convert({"a": [np.ones(2)]})["a"][0], torch.Tensor)
    assert data.default_convert("text") == "text"


def test_own_collate_gets_the_samples() -> None:
    loader = data.DataLoader([3, 1, 2], batch_size=2, collate_fn=sorted)
    assert list(loader) == [[1, 3], [2]]


def test_a_batch_of_parameters_keeps_its_history() -> None:
    table = torch.ones(4, 2, requires_grad=True)
    (batch,) = next(iter(data.DataLoader(data.TensorDataset(table), batch_size=3)))
    batch.sum().backward()
    assert table.grad.tolist() == [[1, 1], [1, 1], [1, 1], [0, 0]]


def test_a_subclass_is_asked_for_its_items() -> None:
    class Doubled(data.TensorDataset):  # type: ignore[misc, name-defined]
        def __getitem__(self, index: int) -> Any:
            return tuple(2 * t for t in super().__getitem__(index))

    (batch,) = next(iter(data.DataLoader(data.Subset(Doubled(torch.arange(5)), [4, 1]), batch_size=2)))
    assert batch.tolist() == [8, 2]


def test_sums_of_datasets() -> None:
    both = data.TensorDataset(torch.arange(2)) + data.TensorDataset(torch.arange(10, 13))
    assert [int(both[k][0]) for k in (*range(5), -1)] == [0, 1, 10, 11, 12, 12]
    assert len(both) == 5
    assert data.StackDataset(a=[1, 2], b=[3, 4])[1] == {"a": 2, "b": 4}


def test_lengths() -> None:
    ten = list(range(10))
    assert [len(data.DataLoader(ten, batch_size=4)), len(data.DataLoader(ten, batch_size=4, drop_last=True))] == [3, 2]
    assert len(data.DataLoader(ten, batch_size=None)) == 10


def test_no_accelerator_to_pin_memory_for() -> None:
    with pytest.warns(UserWarning, match="'pin_memory' argument is set as true but no accelerator is found"):
        iter(data.DataLoader([1], pin_memory=True))


def test_a_stream_longer_than_it_said_warns() -> None:
    class Wrong(data.IterableDataset):  # type: ignore[misc, name-defined]
        def __len__(self) -> int:
            return 1

        def __iter__(self) -> Any:
            return iter([1, 2])

    loader = data.DataLoader(Wrong(), batch_size=None)
    assert len(loader) == 1
    with pytest.warns(UserWarning, match="was reported to be 1"):
        assert list(loader) == [1, 2]


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        ("d.DataLoader([1], sampler=[0], shuffle=True)", ValueError, "sampler option is mutually exclusive with shuffle"),
        (
            "d.DataLoader([1], batch_sampler=[[0]], batch_size=2)",
            ValueError,
            "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last",
        ),
        (
            "d.DataLoader([1], num_workers=-1)",
            ValueError,
            "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.",
        ),
        ("d.DataLoader([1], batch_size=0)", ValueError, "batch_size should be a positive integer value, but got batch_size=0"),
        (
            "d.DataLoader([1], batch_size=None, drop_last=True)",
            ValueError,
            "batch_size=None option disables auto-batching and is mutually exclusive with drop_last",
        ),
        ("d.DataLoader([], shuffle=True)", ValueError, "num_samples should be a positive integer value, but got num_samples=0"),
        (
            "d.DataLoader([1], persistent_workers=True)",
            ValueError,
            "persistent_workers option needs num_workers > 0",
        ),
        ("d.TensorDataset(torch.ones(2), torch.ones(3))", AssertionError, "Size mismatch between tensors"),
        ("d.ConcatDataset([])", AssertionError, "datasets should not be an empty iterable"),
        ("d.random_split([1, 2, 3], [1, 1])", ValueError, "Sum of input lengths does not equal the length of the input dataset!"),
        ("d.Dataset()[0]", NotImplementedError, "Subclasses of Dataset should implement __getitem__."),
        (
            "d.WeightedRandomSampler([[1.0]], 1)",
            ValueError,
            "weights should be a 1d sequence but given weights have shape (1, 1)",
        ),
    ],
)
def test_errors_have_pytorchs_words(call: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as raised:
        eval(call, {"d": data, "torch": torch})
    assert str(raised.value) == words


def test_options_stay_as_they_were_given() -> None:
    loader = data.DataLoader([1, 2])
    with pytest.raises(ValueError, match="batch_size attribute should not be set after DataLoader is initialized"):
        loader.batch_size = 2


class Told:
    """A watcher that keeps the names of what it is told."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self.names.append(name)


class Pairs(data.Dataset):  # type: ignore[misc, name-defined]
    """Items by indexing, as most scripts have them."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, k: int) -> Any:
        return {"x": self.x[k] * 2, "place": k}


def test_a_batch_is_told_as_leaves_and_not_by_its_picks() -> None:
    told = Told()
    loader = data.DataLoader(Pairs(torch.arange(4.0)), batch_size=2)
    with events.watch(told):  # type: ignore[arg-type]
        for batch in loader:
            (batch["x"] + 1).sum()
    assert told.names == ["create_leaf", "create_leaf", "op", "op"] * 2


def test_batches_with_a_history_are_told_in_full_from_the_second_on() -> None:
    told = Told()
    loader = data.DataLoader(Pairs(torch.ones(4, requires_grad=True)), batch_size=2)
    with events.watch(told):  # type: ignore[arg-type]
        first, second = iter(loader)
        told.names.clear()
        assert (first["x"].requires_grad, second["x"].requires_grad) == (True, True)
        next(iter(loader))
    assert {"view", "op"} <= set(told.names)
