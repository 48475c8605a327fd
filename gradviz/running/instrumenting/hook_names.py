"""The names under which an instrumented script finds the recorder: no script has names like these."""

from __future__ import annotations

BIND, ENTER, TURN, EXIT, CLEAR, GIVEN, ATTRIBUTE, ENTRY = (
    f"__gradviz_{word}__" for word in ("bind", "loop_enter", "loop_turn", "loop_exit", "clear_grads", "given", "attribute", "entry")
)
