"""torch.save and torch.load: what comes back, what is refused, and that nothing in a file can run."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path
from pickle import PicklingError, UnpicklingError
from typing import Any

import numpy as np
import pytest

from engine import torch_module

torch = torch_module.module()


def again(obj: Any, **options: Any) -> Any:
    """The object after saving and loading."""
    buffer = io.BytesIO()
    torch.save(obj, buffer)
    buffer.seek(0)
    return torch.load(buffer, **options)


def test_containers_come_back_with_their_types() -> None:
    given = {
        "list": [1, 2.5, "text", None, True, 1j, b"raw"], "tuple": (1, (2, 3)), "set": {1, 2}, 3: "a number as key",
        "ordered": OrderedDict(b=1, a=2), "counter": Counter("aab"), "dtype": torch.float16, "size": torch.Size([2, 3]),
        "device": torch.device("cpu"), "large": 2**80, "infinite": float("inf"),
    }  # fmt: skip
    found = again(given)
    assert found == given
    assert [type(v) for v in found.values()] == [type(v) for v in given.values()]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "uint8", "bool", "complex64"])
def test_tensors_come_back_bit_by_bit(dtype: str) -> None:
    kind = getattr(torch, dtype)
    for given in (torch.tensor([[0.1, -2.0, 3.0]]).to(kind), torch.zeros(0, 3).to(kind), torch.tensor(1).to(kind)):
        found = again(given)
        assert (found.dtype, found.shape) == (given.dtype, given.shape)
        assert found.numpy().tobytes() == given.numpy().tobytes()


def test_flags_and_parameters() -> None:
    found = again([torch.ones(2, requires_grad=True), torch.nn.Parameter(torch.ones(2), requires_grad=False), torch.ones(2)])
    assert [t.requires_grad for t in found] == [True, False, False]
    assert [type(t) for t in found] == [torch.Tensor, torch.nn.Parameter, torch.Tensor]
    assert all(t.is_leaf for t in found)


def test_tensors_that_shared_memory_share_it_again() -> None:
    base = torch.arange(12.0).reshape(3, 4)
    whole, column, turned = again([base, base[:, 1], base.t()])
    assert column.tolist() == [1, 5, 9]
    assert turned.tolist() == base.t().tolist()
    whole[0, 1] = 100
    assert (column[0].item(), turned[1, 0].item()) == (100, 100)


def test_a_view_alone_does_not_carry_its_base_along(tmp_path: Path) -> None:
    torch.save(torch.zeros(100_000)[:2], tmp_path / "small.pt")
    assert (tmp_path / "small.pt").stat().st_size < 2000


def test_training_goes_on_as_if_never_saved(tmp_path: Path) -> None:
    def build() -> tuple[Any, Any, Any]:
        model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
        return model, optimizer, torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 5])

    def train(parts: tuple[Any, Any, Any], steps: int) -> float:
        model, optimizer, scheduler = parts
        loss = torch.zeros(())
        for _ in range(steps):
            optimizer.zero_grad()
            loss = model(x).pow(2).mean()
            loss.backward()
            optimizer.step()
            scheduler.step()
        return float(loss.detach())

    torch.manual_seed(0)
    x = torch.randn(8, 3)
    parts = build()
    train(parts, 3)
    torch.save({"epoch": 3, "parts": [p.state_dict() for p in parts]}, tmp_path / "checkpoint.pt")
    expected = train(parts, 4)
    others = build()
    checkpoint = torch.load(tmp_path / "checkpoint.pt")
    for part, state in zip(others, checkpoint["parts"], strict=True):
        part.load_state_dict(state)
    assert (checkpoint["epoch"], train(others, 4)) == (3, expected)


class Net:
    """An object that is no tensor."""


class Tied(torch.nn.Module):
    """A module whose output layer has the weight of its embedding, with a function among its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.out, self.act = torch.nn.Embedding(4, 3), torch.nn.Linear(3, 4, bias=False), torch.relu
        self.out.weight = self.embed.weight

    def forward(self, x: Any) -> Any:
        return self.out(self.act(self.embed(x)))


def test_a_whole_module_comes_back_where_the_script_says_so() -> None:
    net, x = Tied(), torch.tensor([1, 3])
    made = again({"net": net}, weights_only=False)["net"]
    assert type(made) is Tied
    assert made.out.weight is made.embed.weight
    assert (repr(made), made(x).tolist()) == (repr(net), net(x).tolist())
    with pytest.raises(UnpicklingError, match=rf"Unsupported global: GLOBAL {__name__}\.Tied was not an allowed global by default"):
        again(net)


class Line(torch.nn.Linear):  # type: ignore[misc]
    pass


def test_a_script_lets_classes_of_its_own_through() -> None:
    line = Line(2, 1)
    with torch.serialization.safe_globals([Line]):
        made = again({"line": line})["line"]
    assert (type(made), made.weight.tolist(), torch.serialization.get_safe_globals()) == (Line, line.weight.tolist(), [])
    with pytest.raises(UnpicklingError, match=r"Line was not an allowed global by default"):
        again(line)
    torch.serialization.add_safe_globals([Line])
    assert type(again(line)) is Line
    torch.serialization.clear_safe_globals()
    with pytest.raises(UnpicklingError):
        again(line)


@pytest.mark.parametrize(
    "layer",
    [
        torch.nn.LSTM(2, 3, 2, bidirectional=True),
        torch.nn.TransformerEncoderLayer(4, 2, 8),
        torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3, padding=1), torch.nn.BatchNorm2d(2)),
        torch.nn.ParameterList([torch.ones(2)]),
    ],
)
def test_layers_come_back(layer: Any) -> None:
    made = again(layer, weights_only=False)
    assert repr(made) == repr(layer)
    assert all(torch.equal(a, b) for a, b in zip(made.parameters(), layer.parameters(), strict=True))


def test_a_class_that_is_gone_is_told_in_pickles_words() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("tree.json", json.dumps({"format": "gradviz tensors 1", "tree": ["object", "__main__.Gone", ["dict", []]]}))
    buffer.seek(0)
    with pytest.raises(AttributeError, match="Can't get attribute 'Gone' on <module '"):
        torch.load(buffer, weights_only=False)


def test_one_tensor_at_two_places_is_one_again() -> None:
    w = torch.ones(2)
    first, second = again([w, w])
    assert first is second


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        (Net(), f"{__name__}.Net"),
        (defaultdict(list), "collections.defaultdict"),
    ],
)
def test_objects_are_named_and_refused_with_pytorchs_words(thing: Any, name: str) -> None:
    with pytest.warns(UserWarning, match="only named in the file"):
        torch.save({"thing": thing}, buffer := io.BytesIO())
    buffer.seek(0)
    with pytest.raises(UnpicklingError) as raised:
        torch.load(buffer)
    assert str(raised.value).startswith("Weights only load failed. This file can still be loaded, to do so you have two options, \033[1m")
    assert f"WeightsUnpickler error: Unsupported global: GLOBAL {name} was not an allowed global by default." in str(raised.value)
    buffer.seek(0)
    with pytest.raises(UnpicklingError, match="only names an object"):
        torch.load(buffer, weights_only=False)


@pytest.mark.parametrize(
    ("thing", "error", "words"),
    [
        ({"act": lambda x: x}, PicklingError, "Can't pickle <function <lambda> at 0x"),
        (np, TypeError, "cannot pickle 'module' object"),
        (torch.nn.Linear(1, 1).parameters(), TypeError, "cannot pickle 'generator' object"),
    ],
)
def test_what_pickle_refuses_cannot_be_saved(thing: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as raised:
        torch.save(thing, io.BytesIO())
    assert str(raised.value).startswith(words)


def test_arrays_need_the_word_of_the_script() -> None:
    with pytest.raises(UnpicklingError, match=r"Unsupported global: GLOBAL numpy\._core\.multiarray\._reconstruct"):
        again(np.ones(2))
    np.testing.assert_array_equal(again(np.arange(3), weights_only=False), np.arange(3))
    assert again(np.float32(1.5), weights_only=False) == np.float32(1.5)


def test_paths_that_are_not_there() -> None:
    with pytest.raises(FileNotFoundError, match=r"No such file or directory: 'nowhere\.pt'"):
        torch.load("nowhere.pt")
    with pytest.raises(RuntimeError, match="Parent directory /no/such/folder does not exist"):
        torch.save({}, "/no/such/folder/x.pt")
    with pytest.raises(AttributeError, match="expected 'f' to be string, path, or a file-like object with a 'write' attribute"):
        torch.save({}, 3)


def forged(tree: Any, arrays: dict[str, bytes] | None = None, compression: int = zipfile.ZIP_STORED) -> io.BytesIO:
    """A file that another hand wrote."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("tree.json", json.dumps({"format": "gradviz tensors 1", "tree": tree}))
        for name, raw in (arrays or {}).items():
            archive.writestr(name, raw)
    buffer.seek(0)
    return buffer


def npy(array: np.ndarray[Any, Any], allow_pickle: bool = False) -> bytes:
    """An array as a .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


DEEP: Any = ["list", []]
for _ in range(400):
    DEEP = ["list", [DEEP]]

FORGED = {
    "no zip": lambda: io.BytesIO(b"hello"),
    "a pickle": lambda: io.BytesIO(b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x07os.exit\x94."),
    "unknown kind": lambda: forged(["program", "print('run')"]),
    "a dict in the tree": lambda: forged({"a": 1}),
    "no such array": lambda: forged(["tensor", 0, 0, [2], None, {}]),
    "an array of objects": lambda: forged(
        ["tensor", 0, 0, [1], None, {}], {"arrays/0.npy": npy(np.array([print], dtype=object), allow_pickle=True)}
    ),
    "a window beyond": lambda: forged(["tensor", 0, 0, [100], [1], {}], {"arrays/0.npy": npy(np.zeros(4, np.float32))}),
    "a window before": lambda: forged(["tensor", 0, -1, [2], [1], {}], {"arrays/0.npy": npy(np.zeros(4, np.float32))}),
    "a backward stride": lambda: forged(["tensor", 0, 3, [2], [-1], {}], {"arrays/0.npy": npy(np.zeros(4, np.float32))}),
    "another shape": lambda: forged(["tensor", 0, 0, [9], None, {}], {"arrays/0.npy": npy(np.zeros(4, np.float32))}),
    "texts": lambda: forged(["tensor", 0, 0, [1], None, {}], {"arrays/0.npy": npy(np.array(["a"]))}),
    "a header that promises more": lambda: forged(
        ["tensor", 0, 0, [4], None, {}], {"arrays/0.npy": npy(np.zeros(4, np.float32)).replace(b"(4,)", b"(9,)")}
    ),
    "a header that promises a terabyte": lambda: forged(
        ["tensor", 0, 0, [4], None, {}],
        {"arrays/0.npy": npy(np.zeros(4, np.float32)).replace(b"(4,), }            ", b"(400000000000,), }")},
    ),
    "a bomb": lambda: forged(["tensor", 0, 0, [4], None, {}], {"arrays/0.npy": npy(np.zeros(10**6))}, zipfile.ZIP_DEFLATED),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_damaged_or_forged_file_is_refused(name: str) -> None:
    with pytest.raises(RuntimeError, match=r"this is no file of torch\.save, or it is damaged"):
        torch.load(FORGED[name]())


def test_an_empty_file() -> None:
    with pytest.raises(EOFError):
        torch.load(io.BytesIO())


def test_a_deep_tree_is_no_danger() -> None:
    assert isinstance(torch.load(forged(DEEP)), list)
