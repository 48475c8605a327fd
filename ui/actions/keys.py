"""Which keys call the actions: those of the table, or what the user chose instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

if TYPE_CHECKING:
    from ..settings import Settings


class Keys:
    """The keys of a window's actions; a change is one in all windows, and is kept."""

    def __init__(self, settings: Settings, everywhere: Callable[[], Iterable[Keys]]) -> None:
        """Args:
        everywhere: the keys of all windows.
        """
        self._settings, self._everywhere = settings, everywhere
        self._chosen = settings.keys
        self._usual: dict[str, tuple[str, ...]] = {}
        self._actions: dict[str, QAction] = {}

    def put(self, name: str, action: QAction, usual: Sequence[str]) -> None:
        """Give an action its keys: the usual ones, unless others were chosen."""
        self._actions[name], self._usual[name] = action, tuple(usual)
        self._show(name, self._chosen.get(name, self._usual[name]))

    def of(self, name: str) -> tuple[str, ...]:
        """The keys of an action."""
        return self._chosen.get(name, self._usual[name])

    def holder(self, key: str) -> str:
        """The action that a key calls, "" for none."""
        return next((name for name in self._actions if key in self.of(name)), "")

    def give(self, name: str, key: str) -> str:
        """Let a key call an action, in place of what called it; gives the action that had the key and has lost it, "" for none."""
        holder = self.holder(key)
        lost = holder if holder != name else ""
        chosen = {**self._chosen, name: (key,)}
        if lost:
            chosen[lost] = tuple(k for k in self.of(lost) if k != key)
        self._choose(chosen)
        return lost

    def reset(self) -> None:
        """All keys as they are at first."""
        self._choose({})

    def _choose(self, chosen: dict[str, tuple[str, ...]]) -> None:
        self._settings.keys = chosen
        for keys in dict.fromkeys((self, *self._everywhere())):
            keys._take(chosen)

    def _take(self, chosen: dict[str, tuple[str, ...]]) -> None:
        before, self._chosen = self._chosen, chosen
        for name in {*before, *chosen}:
            if name in self._actions:
                self._show(name, self.of(name))

    def _show(self, name: str, keys: tuple[str, ...]) -> None:
        action = self._actions[name]
        action.setShortcuts([QKeySequence(key) for key in keys])
        if action.statusTip():
            action.setToolTip(f"{action.statusTip()}  ({', '.join(keys)})" if keys else action.statusTip())
