"""Help on one operation, made from the engine's row of it: no text about a rule that the engine does not have."""

from __future__ import annotations

from ..debugger.derivation.engine_rows import row_of
from ..debugger.words.mathtext import plain_text
from .term import Term


def of_operation(op: str, grad_fn: str) -> Term | None:
    """What an operation is and how its gradient is made; None where the engine has no row of it."""
    row = row_of(op, grad_fn)
    if row is None:
        return None
    inputs = ", ".join(row.inputs)
    rules = [plain_text(formula) for formula in row.formulas]
    text = f"The operation `{op}({inputs})`." + (f" Its backward node is `{grad_fn}`." if grad_fn else " It passes no gradient on.")
    if rules:
        text += " With z the result and a bar for “gradient of”: " + ";  ".join(f"`{rule}`" for rule in rules) + "."
    if row.elementwise:
        text += " It works elementwise: the gradient is multiplied entry by entry by the local derivative."
    if row.view:
        text += " Its result is a view: it shares the memory of its input."
    return Term(
        f"op:{op}:{grad_fn}",
        op,
        text,
        (),
        f"torch.{op}" if op.isidentifier() else "",
        "torch.html",
        ("operation", "vjp", "local_derivative"),
    )
