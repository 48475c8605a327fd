"""Storages: what views share, and the version that counts the writes to it."""

from __future__ import annotations

from typing import Any


class Storage:
    """The identity of a block of memory; tensors that share memory share one.

    `version` counts in-place writes (PyTorch's `_version`). It stands here and not on the tensor, because a
    write through one view makes what another view saved stale.
    """

    version = 0  # on the class until the first write: making a storage is on the path of each op
    views: list[Any] = []  # noqa: RUF012 - weak references to the views; replaced, never grown, on the class


class OwnStorage:
    """`Tensor._storage` of a tensor that shares its memory with nobody: made when it is first asked for.

    Most tensors of a graph are never asked, and making a storage takes a tenth of an op on small tensors
    (benchmark row `engine/W4`).
    """

    def __get__(self, tensor: Any, owner: type) -> Any:
        if tensor is None:
            return self
        made = tensor._storage = Storage()  # stands before this descriptor from now on: it has no __set__
        return made
