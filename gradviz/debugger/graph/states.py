"""The states of all nodes at a position, each found when somebody looks at it: a picture shows some of thousands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..scene import NodeState

if TYPE_CHECKING:
    from .state_reader import StateReader

_MANY = 64  # states that are asked for one by one before what all of them are read off is opened at once


class States(Mapping[int, NodeState]):
    """By node id, in the order of the graph; a node that is UNBORN is not in it."""

    def __init__(
        self, nodes: dict[int, None], reader: StateReader, position: int, found: dict[int, NodeState | None], open_all: Callable[[], None]
    ) -> None:
        """`nodes`: the ids of the graph's nodes in their order; `found`: the states that are known already."""
        self.found = found
        self._nodes = nodes
        self._reader = reader
        self._position = position
        self._open_all = open_all
        self._asked = 0

    def get(self, site: int, default: Any = None) -> Any:
        """The state of a node, `default` while it is UNBORN.

        Hot path: for each card of a picture.
        """
        if site in self.found:
            state = self.found[site]
        elif site in self._nodes:
            self._asked += 1
            if self._asked == _MANY:
                self._open_all()
            state = self.found[site] = self._reader.state(site, self._position)
        else:
            state = None
        return default if state is None else state

    def __getitem__(self, site: int) -> NodeState:
        state: NodeState | None = self.get(site)
        if state is None:
            raise KeyError(site)
        return state

    def __contains__(self, site: object) -> bool:
        """Whether a node is born, without finding out more of it."""
        return site in self._nodes and isinstance(site, int) and self._reader.current_run(site, self._position) is not None

    def __iter__(self) -> Iterator[int]:
        return (site for site in self._nodes if site in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
