"""Lint: mistakes of autograd that can be seen in a script before it runs. The text is parsed, and nothing of it is run.

A rule speaks only where it is nearly sure: a silent lint with a run behind it is better than one that cries wolf.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator

from . import calls, cuts, leaves, loops, modules, statements, turns
from .finding import Finding
from .script import Script

__all__ = ["RULES", "Finding", "lint"]

RULES: tuple[Callable[[Script], Iterator[Finding]], ...] = (
    loops.forgotten_zero_grad, loops.updates_by_hand, loops.order, loops.twice, loops.carried_state, loops.running_total,
    leaves.computed_leaf, leaves.rebound_update, leaves.whole_numbers, leaves.written_leaf, leaves.kept_gradients, leaves.gradient_of_result,
    cuts.cut_loss, cuts.through_data, cuts.squashed_twice,
    modules.plain_list, modules.old_model, modules.uphill, modules.negated, modules.one_layer_many_times, modules.dropout_for_ever, modules.living_state,
    calls.not_called, calls.never_stepped, calls.late_retain, calls.clipping, calls.unused_cotangent,
    calls.scheduler_first, statements.result_dropped, statements.misspelt,
    turns.new_optimizer, turns.last_batch, turns.eval_left_on,
)  # fmt: skip


def lint(source: str) -> tuple[Finding, ...]:
    """All findings, by line; none for a text that is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" is not our business
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    script = Script(tree)
    return tuple(sorted({finding for rule in RULES for finding in rule(script)}))
