"""Packages that draw or show progress, where they are not installed: a script runs on, and what they would show is left out.

Nothing is computed with what they give, so a script does the same without them. Where its course does depend on an answer of theirs
(the colours of a palette, the limits of an axis), the import error comes there, in Python's words: nothing is made up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType

from . import drawing, progress
from .missing import installs

_FILL: dict[str, Callable[[ModuleType], None]] = {
    "matplotlib": drawing.fill,
    "mpl_toolkits": drawing.fill,
    "seaborn": drawing.fill,
    "torch.utils.tensorboard": drawing.fill,
    "tensorboardX": drawing.fill,
    "tqdm": progress.fill,
}
_LEFT_OUT = {"tqdm": "its progress bars are left out", "tensorboardX": "what it would log is left out"}


@contextmanager
def standing_in() -> Iterator[None]:
    """Inside the block a missing package of these can be imported; an installed one is itself."""
    finder = _Finder()
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name, module in sys.modules.items() if getattr(module, "__loader__", None) is finder]:
            del sys.modules[name]


def stand_in() -> None:
    """The same until the process ends."""
    sys.meta_path.append(_Finder())


class _Finder(MetaPathFinder, Loader):
    """Asked after all others, so an installed package comes first."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        root = _root_of(fullname)
        if not root or (root != fullname and getattr(sys.modules.get(root), "__loader__", None) is not self):
            return None
        return spec_from_loader(fullname, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        root = _root_of(module.__name__)
        package = drawing.PACKAGE.get(root, root)
        if package not in self._told:
            self._told.add(package)
            print(f"gradviz: {_told(package)}", file=sys.stderr)
        _FILL[root](module)


def _told(package: str) -> str:
    """What a script's user is told of a package that is stood in for."""
    if package == "tensorboard":  # its writer is a part of PyTorch: to install something would not bring it here
        return "torch.utils.tensorboard is not in gradviz, what it would log is left out"
    left_out = _LEFT_OUT.get(package, "what it would draw is left out")
    return f"{package} is not installed, {left_out} (to have it: {installs(package)})"


def _root_of(name: str) -> str:
    """Which of the packages a module belongs to, "" for none."""
    return next((root for root in _FILL if name == root or name.startswith(f"{root}.")), "")


def draw_into_memory(folder: str) -> None:
    """Where matplotlib is installed: it opens no window of its own, and keeps what it knows of fonts in the folder."""
    os.environ["MPLBACKEND"] = "agg"
    os.environ["MPLCONFIGDIR"] = folder
