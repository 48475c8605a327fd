"""Stands in for tqdm: goes through what it is given and shows no bar."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from types import ModuleType
from typing import Any


class tqdm:  # noqa: N801 - so it is called
    """An iterable that is gone through as it is. Source: https://tqdm.github.io/docs/tqdm/"""

    def __init__(
        self, iterable: Iterable[Any] | None = None, desc: str | None = None, total: float | None = None, *_: Any, **__: Any
    ) -> None:
        self.iterable = iterable
        self.desc = desc or ""
        self.total = len(iterable) if total is None and isinstance(iterable, Sized) else total
        self.n: float = 0
        self.disable = True

    def __iter__(self) -> Iterator[Any]:
        for item in self.iterable or ():
            yield item
            self.n += 1

    def __len__(self) -> int:
        return int(self.total or 0)

    def __enter__(self) -> tqdm:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, n: float = 1) -> None:
        """Count on."""
        self.n += n

    def reset(self, total: float | None = None) -> None:
        """Count from the start again."""
        self.n, self.total = 0, self.total if total is None else total

    def set_description(self, desc: str | None = None, refresh: bool = True) -> None:
        """Another text before the bar."""
        self.desc = desc or ""

    set_description_str = set_description

    def set_postfix(self, *_: Any, **__: Any) -> None:
        """What stands behind the bar."""

    set_postfix_str = refresh = display = clear = close = unpause = set_postfix

    @staticmethod
    def write(s: str, file: Any = None, end: str = "\n", **_: Any) -> None:
        """Print, without a bar in the way."""
        print(s, file=file or sys.stdout, end=end)


def trange(*args: int, **kwargs: Any) -> tqdm:
    """`tqdm(range(...))`."""
    return tqdm(range(*args), **kwargs)


def fill(module: ModuleType) -> None:
    """Give a module of the package its names."""
    module.tqdm, module.trange = tqdm, trange  # type: ignore[attr-defined]
    module.tqdm_notebook, module.tnrange = tqdm, trange  # type: ignore[attr-defined]
