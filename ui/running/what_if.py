"""WhatIf: which overrides the open file runs with, toggled one by one, with undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gradviz.debugger.scene import NodeKind
from gradviz.debugger.session import Session
from gradviz.recording.event import key_of

from ..bridge import Bridge

if TYPE_CHECKING:
    from gradviz.running.overrides import Override


class WhatIf:
    """The overrides, those before them, and those that undo took away.

    Args:
        changed: is called when a change is to be run.
        hint: is called with what to do first, where nothing can be toggled.
    """

    def __init__(self, bridge: Bridge, changed: Callable[[], None], hint: Callable[[str], None]) -> None:
        self._bridge = bridge
        self._changed = changed
        self._hint = hint
        self.overrides: tuple[Override, ...] = ()
        self.plain: Session | None = None  # the run without overrides
        self._past: list[tuple[Override, ...]] = []
        self._future: list[tuple[Override, ...]] = []

    def forget(self) -> None:
        """Another text: no overrides, and nothing to undo."""
        self.overrides, self._past, self._future, self.plain = (), [], [], None

    def adopt(self, overrides: tuple[Override, ...]) -> None:
        """Take the overrides of a run that is there already; undo brings the ones before back."""
        self._past.append(self.overrides)
        self._future.clear()
        self.overrides = overrides
        self._bridge.overrides_changed.emit()

    def set(self, overrides: tuple[Override, ...]) -> None:
        """Run again with other overrides; undo brings the ones before back."""
        if overrides != self.overrides:
            self.adopt(overrides)
            self._changed()

    @property
    def can_undo(self) -> bool:
        """Whether there are older overrides."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether an undo can be taken back."""
        return bool(self._future)

    def undo(self) -> None:
        """The overrides before."""
        if self._past:
            self._future.append(self.overrides)
            self._apply(self._past.pop())

    def redo(self) -> None:
        """The overrides that undo took away."""
        if self._future:
            self._past.append(self.overrides)
            self._apply(self._future.pop())

    def _apply(self, overrides: tuple[Override, ...]) -> None:
        self.overrides = overrides
        self._bridge.overrides_changed.emit()
        self._changed()

    def remove(self, index: int) -> None:
        """Take one override away."""
        self.set(self.overrides[:index] + self.overrides[index + 1 :])

    def _toggle(self, override: Override, same: Callable[[Override], bool]) -> None:
        rest = tuple(o for o in self.overrides if not same(o))
        self.set(rest if len(rest) < len(self.overrides) else (*self.overrides, override))

    def toggle_requires_grad(self, node_id: int) -> None:
        """Turn the flag of a leaf, and run again."""
        session = self._bridge.session
        node = session.graph().node(node_id) if session is not None else None
        if session is None or node is None or not node.is_leaf or node.kind == NodeKind.BUCKET:
            self._hint("requires_grad can be turned on leaves: select a leaf first.")
            return
        from gradviz.running.overrides import RequiresGrad

        key = key_of(session.recording.sites[node_id])
        override = RequiresGrad(key, not node.requires_grad)
        self._toggle(override, lambda o: isinstance(o, RequiresGrad) and o.key == key)

    def toggle_no_grad(self, node_ids: tuple[int, ...]) -> None:
        """Put no_grad around nodes, or take it away, and run again."""
        session = self._bridge.session
        if session is None:
            return
        nodes = [session.graph().node(i) for i in node_ids]
        keys = tuple(key_of(session.recording.sites[n.id]) for n in nodes if n is not None and not n.is_leaf and n.kind != NodeKind.BUCKET)
        if not keys:
            self._hint("no_grad goes around operations: select some first.")
            return
        from gradviz.running.overrides import NoGrad

        self._toggle(NoGrad(keys), lambda o: isinstance(o, NoGrad) and o.keys == keys)

    def toggle_detach(self, target: int, port: int) -> None:
        """Detach the edge into an input of a node, or join it again, and run again."""
        session = self._bridge.session
        if session is None or not 0 <= target < len(session.recording.sites):
            return
        from gradviz.running.overrides import Detach

        key = key_of(session.recording.sites[target])
        self._toggle(Detach(key, port), lambda o: isinstance(o, Detach) and o.key == key and o.port == port)

    def label_of(self, override: Override) -> str:
        """An override in words, with the names of its nodes."""
        from gradviz.running.branch import SetElement, SetFlag
        from gradviz.running.overrides import NoGrad

        session = self.plain or self._bridge.session
        names = {}
        if session is not None:
            names = {key_of(session.recording.sites[n.id]): n.title for n in session.graph().nodes if n.kind != NodeKind.BUCKET}
        if isinstance(override, NoGrad):
            return override.label(", ".join(names.get(k, k[2]) for k in override.keys))
        key = getattr(override, "key", None)
        if isinstance(override, (SetElement, SetFlag)):
            return override.label(names.get(override.key, override.key[2]))
        return override.label(f"{names.get(key, key[2])} (line {key[1]})" if key is not None else "")
