"""Stands in for matplotlib, seaborn and tensorboard: takes every call and draws nothing."""

from __future__ import annotations

from types import ModuleType
from typing import Any, NoReturn

import numpy as np

PACKAGE = {"mpl_toolkits": "matplotlib", "torch.utils.tensorboard": "tensorboard"}  # module -> what brings it


class Undrawn:
    """What a call to a package that draws gives: a figure, axes, a colour map. It takes calls, settings and blocks, and answers nothing."""

    def __init__(self, package: str) -> None:
        self.__dict__["_package"] = package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Function(self._package, name)

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __call__(self, *_: Any, **__: Any) -> Undrawn:
        return Undrawn(self._package)

    def __getitem__(self, key: Any) -> Undrawn:
        return Undrawn(self._package)

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __enter__(self) -> Undrawn:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __bool__(self) -> bool:
        return True

    def _unknown(self, *_: Any) -> NoReturn:
        raise ModuleNotFoundError(f"No module named {self._package!r}", name=self._package)

    __iter__ = __len__ = __float__ = __int__ = __index__ = _unknown
    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __array__ = _unknown


class _Function(Undrawn):
    """A function or attribute; a few are known by what scripts unpack of them."""

    def __init__(self, package: str, name: str) -> None:
        super().__init__(package)
        self.__dict__["_name"] = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        known = _ANSWERS.get(self._name)
        return super().__call__() if known is None else known(self._package, *args, **kwargs)


def _subplots(package: str, nrows: int = 1, ncols: int = 1, *_: Any, squeeze: bool = True, **__: Any) -> tuple[Undrawn, Any]:
    """A figure and its axes: one, or an array of them as `matplotlib.pyplot.subplots` gives it."""
    axes = np.empty((nrows, ncols), object)
    for place in np.ndindex(nrows, ncols):
        axes[place] = Undrawn(package)
    if squeeze:
        axes = axes.squeeze()
    return Undrawn(package), axes if axes.ndim else axes.item()


def _hist(package: str, x: Any, bins: Any = 10, range: Any = None, density: bool = False, weights: Any = None, **_: Any) -> tuple[Any, ...]:
    """Counts, edges and bars, as `matplotlib.pyplot.hist` gives them for one set of numbers."""
    counts, edges = np.histogram(np.asarray(x), bins, range, density=density, weights=weights)
    return (counts if density else counts.astype(float)), edges, Undrawn(package)


_ANSWERS: dict[str, Any] = {
    "subplots": _subplots,
    "hist": _hist,
    "plot": lambda package, *_, **__: [Undrawn(package)],
    "fignum_exists": lambda *_, **__: False,
    "isinteractive": lambda *_, **__: False,
}


def fill(module: ModuleType) -> None:
    """Let a module answer to every name."""
    package = next((PACKAGE[root] for root in PACKAGE if module.__name__.startswith(root)), module.__name__.partition(".")[0])

    def answer(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module '{module.__name__}' has no attribute '{name}'")
        return _Function(package, name)

    module.__getattr__ = answer  # type: ignore[method-assign]
