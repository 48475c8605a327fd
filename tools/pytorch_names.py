"""Write engine/calls/pytorch_names.json: the public names of PyTorch, which the engine's error for an unknown name looks into.

Needs PyTorch: `python tools/pytorch_names.py`.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import types
from collections.abc import Iterator
from pathlib import Path

MODULES = (
    "torch", "torch.nn", "torch.nn.functional", "torch.nn.init", "torch.nn.utils", "torch.nn.utils.rnn", "torch.nn.parameter",
    "torch.optim", "torch.optim.lr_scheduler", "torch.autograd", "torch.autograd.functional", "torch.autograd.graph",
    "torch.autograd.forward_ad", "torch.func", "torch.linalg", "torch.special", "torch.fft", "torch.random", "torch.utils",
    "torch.utils.data", "torch.distributions", "torch.cuda", "torch.backends", "torch.testing", "torch.amp", "torch.jit", "torch.onnx",
    "torch.nn.modules", "torch.nn.utils.parametrizations", "torch.nn.utils.parametrize", "torch.nn.utils.prune", "torch.optim.swa_utils",
    "torch.distributions.constraints", "torch.distributions.transforms", "torch.utils.checkpoint", "torch.sparse", "torch.signal",
    "torch.profiler", "torch.hub", "torch.compiler", "torch.export", "torch.masked", "torch.overrides", "torch.nested", "torch.fx",
    "torch.library", "torch.futures", "torch.types", "torch.distributions.utils", "torch.nn.attention", "torch.nn.parallel",
    "torch.utils.benchmark", "torch.serialization", "torch.mps", "torch.xpu", "torch.cpu", "torch.signal.windows", "torch.return_types",
)  # fmt: skip
TARGET = Path(__file__).parent.parent / "engine" / "calls" / "pytorch_names.json"


def public(owner: object) -> str:
    """The names that a user may mean, in order; imported modules of the standard library are left out."""
    names = []
    for name in dir(owner):
        if name.startswith("_"):
            continue
        value = getattr(owner, name, None)
        if isinstance(value, types.ModuleType) and not value.__name__.startswith("torch"):
            continue
        if getattr(value, "__module__", "torch") in {"typing", "typing_extensions", "collections.abc", "builtins", "dataclasses"}:
            continue
        names.append(name)
    return " ".join(names)


def module_names(paths: list[str], above: str = "torch.") -> Iterator[str]:
    """The modules that a script may import: two levels, without the parts of private ones."""
    for found in pkgutil.iter_modules(paths):
        yield above + found.name
        if found.ispkg and above == "torch." and not found.name.startswith("_"):
            yield from module_names([str(Path(path) / found.name) for path in paths], f"{above}{found.name}.")


def main() -> None:
    """Look at the PyTorch of this environment."""
    import torch

    modules = {name: importlib.import_module(name) for name in MODULES}  # all first: a package names the parts that were imported
    table = {name: public(module) for name, module in modules.items()}
    table["torch.Tensor"] = public(torch.Tensor)
    table["modules"] = " ".join(sorted(module_names(list(torch.__path__))))
    TARGET.write_text(json.dumps(table, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
