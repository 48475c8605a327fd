"""A moment as one string, to compare states to the last bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradviz.debugger.scene import Picture
from gradviz.debugger.session import Session


def digest(session: Session) -> str:
    """All that the panels show at the cursor, arrays as their bytes."""
    moment = session.moment()
    return repr((session.substep, session.line, _plain(moment), [_plain(d) for d in session.derivation()]))


def _plain(value: Any) -> Any:
    if isinstance(value, Picture):
        return (value.array.tobytes() if value.array is not None else None, repr(value.stats))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    fields = getattr(value, "__dataclass_fields__", None)
    return {name: _plain(getattr(value, name)) for name in fields} if fields else value
