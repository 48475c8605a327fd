"""Files that PyTorch wrote: tensors and containers are read, anything else is refused, and nothing in them can run."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import torch_module

torch = torch_module.module()
DATA = Path(__file__).resolve().parents[2] / "data" / "serialization"


def test_a_training_goes_on_from_pytorchs_checkpoint() -> None:
    found = torch.load(DATA / "checkpoint.pt")
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1.0)
    assert str(model.load_state_dict(found["model"])) == "<All keys matched successfully>"
    optimizer.load_state_dict(found["optimizer"])
    assert (found["epoch"], optimizer.param_groups[0]["lr"]) == (3, 0.05)
    first = optimizer.state[model[0].weight]
    assert (first["step"].item(), tuple(first["exp_avg"].shape)) == (1.0, (2, 3))
    assert model[1].num_batches_tracked.item() == 1
    model(torch.ones(4, 3)).sum().backward()
    optimizer.step()
    assert optimizer.state[model[0].weight]["step"].item() == 2.0


def test_values_of_every_kind() -> None:
    found = torch.load(DATA / "things.pt")
    plain = {
        "int": 3, "large": 2**70, "float": 1.5, "text": "é", "none": None, "yes": True, "bytes": b"\x00\xff", "complex": 1 + 2j,
        "list": [1, [2]], "tuple": (1, 2, 3, 4), "set": {1, 2}, "ordered": OrderedDict(a=1), "size": torch.Size([2, 3]),
        "dtype": torch.float64, "device": torch.device("cpu"), -5: 300, 70000: -70000,
    }  # fmt: skip
    assert {k: found[k] for k in plain} == plain
    assert {k: type(found[k]) for k in plain} == {k: type(v) for k, v in plain.items()}
    for name in ("float16", "float64", "int32", "uint8", "bool", "complex64"):
        assert found[f"torch.{name}"].dtype is getattr(torch, name)
        assert found[f"torch.{name}"].tolist() == [1, 0, 1]
    assert (found["bfloat16"].tolist(), found["bfloat16"].dtype) == ([1.5, -2.0], torch.bfloat16)
    assert (tuple(found["empty"].shape), found["number"].item()) == ((0, 2), 7)
    assert (found["leaf"].requires_grad, type(found["parameter"])) == (True, torch.nn.Parameter)


def test_views_share_their_storage() -> None:
    found = torch.load(DATA / "things.pt")
    assert found["turned"].tolist() == [[0, 3], [1, 4], [2, 5]]
    found["base"][1, 0] = 50
    assert (found["row"][0].item(), found["turned"][0, 1].item()) == (50, 50)


def test_a_newer_protocol() -> None:
    base, inside = torch.load(DATA / "protocol4.pt")
    assert inside["a"] is base
    assert base.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(("file", "name"), [("object", "__main__.Net"), ("array", "numpy._core.multiarray._reconstruct")])
def test_objects_are_refused_with_pytorchs_words(file: str, name: str) -> None:
    for options in ({}, {"weights_only": False}):
        with pytest.raises(pickle.UnpicklingError) as raised:
            torch.load(DATA / f"{file}.pt", **options)
        assert f"WeightsUnpickler error: Unsupported global: GLOBAL {name} was not an allowed global by default." in str(raised.value)


def test_the_old_format_is_not_read() -> None:
    with pytest.raises(RuntimeError, match=r"before 1\.6 are not read"):
        torch.load(DATA / "before_1_6.pt")


class Attack:
    """What a pickle may ask for: a call of any function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> Any:
        return self.function, self.arguments


def forged(program: bytes, storages: dict[str, bytes] | None = None) -> io.BytesIO:
    """A file of PyTorch's form with a program of one's own."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", program)
        for key, raw in (storages or {}).items():
            archive.writestr(f"archive/data/{key}", raw)
    buffer.seek(0)
    return buffer


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    "thing", [Attack(os.system, "touch hacked"), Attack(eval, "1/0"), Attack(getattr, OrderedDict, "x"), Attack(bytes, 10**12)]
)
def test_an_attack_never_runs(thing: Attack, protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((pickle.UnpicklingError, RuntimeError)):
        torch.load(forged(pickle.dumps({"weights": thing}, protocol)))
    assert not list(tmp_path.iterdir())


def tensor_program(offset: int, size: tuple[int, ...], stride: tuple[int, ...], count: int = 4) -> bytes:
    """The program that PyTorch writes for one tensor, with numbers of one's own."""
    ids = (
        b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu"
        + b"J"
        + count.to_bytes(4, "little")
        + b"tQ"
    )
    shape = b"(" + b"".join(b"J" + n.to_bytes(4, "little", signed=True) for n in size) + b"t"
    steps = b"(" + b"".join(b"J" + n.to_bytes(4, "little", signed=True) for n in stride) + b"t"
    where = b"J" + offset.to_bytes(4, "little", signed=True)
    return b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + ids + where + shape + steps + b"\x89ccollections\nOrderedDict\n)RtR."


def test_a_forged_tensor_that_fits_is_read() -> None:
    raw = np.arange(4, dtype="<f4").tobytes()
    assert torch.load(forged(tensor_program(1, (3,), (1,)), {"0": raw})).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "program",
    [
        tensor_program(0, (5,), (1,)),
        tensor_program(2, (3,), (1,)),
        tensor_program(-1, (2,), (1,)),
        tensor_program(3, (2,), (-1,)),
        tensor_program(0, (2, 2), (1,)),
        tensor_program(0, (4,), (1,), count=400_000_000),
        tensor_program(0, (2,), (1,))[:40],
        b"\x80\x02h\x05.",
        b"\x80\x02.",
        b"\x80\x02u.",
        b"\x80\x02]K\x01K\x02s.",
        b"",
    ],
)
def test_a_damaged_program_is_refused(program: bytes) -> None:
    with pytest.raises(RuntimeError, match=r"this is no file of torch\.save, or it is damaged"):
        torch.load(forged(program, {"0": np.arange(4, dtype="<f4").tobytes()}))
