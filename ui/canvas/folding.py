"""Which modules the canvas draws as one card each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradviz.debugger.scene import LAYERS, MODULES, Fold, Graph

if TYPE_CHECKING:
    from gradviz.debugger.session import Session

LEVELS = ("", LAYERS, MODULES)
WORDS = {"": "each operation is a card", LAYERS: "each layer is one card", MODULES: "each module is one card"}


class Folding:
    """A level for all modules, and the ones that were opened by hand.

    Attributes:
        level: "" (nothing is folded), "layers" or "modules".
        opened: names of modules that stay open.
    """

    def __init__(self) -> None:
        self.level = ""
        self.opened: set[str] = set()
        self._of: Graph | None = None
        self._made = Graph()
        self._asked: tuple[str, frozenset[str]] = ("", frozenset())
        self._folds: tuple[Fold, ...] = ()

    def take(self, other: Folding) -> None:
        """Fold what another canvas folds."""
        self.level, self.opened = other.level, set(other.opened)

    def shown(self, session: Session | None) -> Graph:
        """What is drawn of a session's graph: the same object as long as nothing changes."""
        graph = session.graph() if session is not None else Graph()
        if not self.level or session is None:
            return graph
        from gradviz.debugger.graph.folding import folded, folds_of, owners  # the first picture folds nothing

        asked = self.level, frozenset(self.opened)
        if graph is not self._of or asked != self._asked:
            self._of, self._asked = graph, asked
            self._folds = folds_of(graph, self.level, owners(session.trace, graph))
            self._made = folded(graph, [fold for fold in self._folds if fold.name not in self.opened])
        return self._made

    def turn(self, by: int) -> bool:
        """To a coarser (1) or finer (-1) level; whether there is one. All modules that were opened are closed again."""
        at = LEVELS.index(self.level) + by
        if not 0 <= at < len(LEVELS):
            return False
        self.level = LEVELS[at]
        self.opened.clear()
        return True

    def closed_at(self, node: int) -> str:
        """The module whose card this is, "" where it is no fold."""
        return next((fold.name for fold in self._made.folds if fold.node == node), "") if self.level else ""

    def open_around(self, node: int) -> str:
        """The module that was opened around a node, "" for none."""
        inside = (fold.name for fold in self._folds if fold.name in self.opened and (node == fold.node or node in fold.nodes))
        return next(inside, "") if self.level else ""

    def toggle(self, name: str) -> None:
        """Open a module, or close it again."""
        self.opened ^= {name}
