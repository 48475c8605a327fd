"""Store files that PyTorch wrote, for the tests: `python tools/checkpoint_goldens.py` (needs the torch package)."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch

TARGET = Path(__file__).resolve().parents[1] / "tests" / "data" / "serialization"


KINDS = (torch.float16, torch.float64, torch.int32, torch.uint8, torch.bool, torch.complex64)


class Net(torch.nn.Module):
    """An object that is no tensor."""


def main() -> None:
    """Write one file of each kind."""
    TARGET.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    model(torch.ones(4, 3)).sum().backward()
    optimizer.step()
    base = torch.arange(6.0).reshape(2, 3)
    things = {
        "int": 3, "large": 2**70, "float": 1.5, "text": "é", "none": None, "yes": True, "bytes": b"\x00\xff", "complex": 1 + 2j,
        "list": [1, [2]], "tuple": (1, 2, 3, 4), "set": {1, 2}, "ordered": OrderedDict(a=1), "size": torch.Size([2, 3]),
        "dtype": torch.float64, "device": torch.device("cpu"), -5: 300, 70000: -70000,
        "base": base, "turned": base.t(), "row": base[1], "leaf": torch.ones(2, requires_grad=True),
        "parameter": torch.nn.Parameter(base[0]),
        "empty": torch.zeros(0, 2), "number": torch.tensor(7), "bfloat16": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
        **{str(d): torch.tensor([1, 0, 1]).to(d) for d in KINDS},
    }  # fmt: skip
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, TARGET / "checkpoint.pt")
    torch.save(things, TARGET / "things.pt")
    torch.save({"model": Net()}, TARGET / "object.pt")
    torch.save({"array": np.ones(2)}, TARGET / "array.pt")
    torch.save(base, TARGET / "before_1_6.pt", _use_new_zipfile_serialization=False)
    torch.save([base, {"a": base}], TARGET / "protocol4.pt", pickle_protocol=4)


if __name__ == "__main__":
    main()
