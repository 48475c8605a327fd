"""Lint: mistakes of autograd that can be seen in a script before it runs. The text is parsed, and nothing of it is run.

A rule speaks only where it is nearly sure: a silent lint with a run behind it is better than one that cries wolf.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from ..script.syntax import syntax_tree, walk
from .data import batches
from .finding import Finding
from .gradients import cuts, hooks, leaves
from .layers import modules, overwritten
from .losses import signs, weights
from .python import slips, statements, unused
from .script import Script
from .training import ascents, averages, calls, carried, lifetimes, loops, schedules, settings, turns

__all__ = ["FAILING", "RULES", "Finding", "lint"]

RULES: tuple[Callable[[Script], Iterator[Finding]], ...] = (
    loops.forgotten_zero_grad, loops.updates_by_hand, loops.order, loops.twice, loops.stepped_at_all_others, loops.carried_state, loops.running_total,
    leaves.computed_leaf, leaves.rebound_update, leaves.whole_numbers, leaves.written_leaf, leaves.rebound_in_a_loop, leaves.kept_gradients, leaves.gradient_of_result,
    cuts.cut_loss, cuts.through_data, cuts.squashed_twice,
    modules.plain_list, modules.old_model, modules.uphill, modules.negated, modules.maximized, modules.one_layer_many_times, modules.dropout_for_ever, modules.living_state, modules.unloaded_state, modules.learned_buffer,
    calls.not_called, calls.never_stepped, calls.late_retain, calls.clipping, calls.unused_cotangent, calls.cotangent_written,
    calls.scheduler_first, statements.result_dropped, statements.misspelt, statements.misspelt_method, statements.shuffled_apart, statements.mode_not_entered,
    lifetimes.used_up, lifetimes.first_again, lifetimes.made_anew, lifetimes.layer_in_forward,
    turns.new_optimizer, turns.last_batch, turns.eval_left_on,
    settings.flag_of_module, settings.setting_of_optimizer, settings.key_of_group, settings.exchanged_betas, hooks.replaced_output, hooks.late_name, hooks.one_bound, batches.overlapping, batches.not_shifted, signs.entropy_made_small, signs.reward_made_small, signs.likelihood_made_small,
    calls.clipped_while_scaled, modules.living_model, unused.unread_argument, unused.dead_result, unused.cleared_twice,
    unused.unread_name, batches.unread_batch, averages.copied_at_once, schedules.of_another_optimizer, schedules.counted_in_batches, schedules.milestones_in_batches,
    overwritten.read_after_activation, ascents.added_gradient,
    weights.upside_down, weights.target_given, weights.momentum_of_statistics, carried.left_at_once, carried.replaced_in_each_turn, carried.returns_from_the_front,
    schedules.rate_for_a_factor, schedules.given_a_number, schedules.warmed_in_whole_numbers, slips.term_alone, slips.another_draw, slips.one_network, slips.sorted_alone, slips.noise_of_one_sign, slips.discount_above_one, slips.method_overwritten,
)  # fmt: skip


FAILING = frozenset({"twice", "carried over", "whole numbers", "written leaf", "rewrapped", "a number", "under no_grad", "no slope"})
"""Rules that foretell an exception."""


def lint(source: str) -> tuple[Finding, ...]:
    """All findings, by line; none for a text that is no Python."""
    tree = syntax_tree(source)
    script = Script(tree)
    caught = _caught(tree)
    found = {finding for rule in RULES for finding in rule(script)}
    return tuple(sorted(finding for finding in found if finding.rule not in FAILING or finding.line not in caught))


def _caught(tree: ast.Module) -> set[int]:
    """The lines whose exceptions the script catches itself: it shows them on purpose."""
    tries = (node for node in walk(tree) if isinstance(node, ast.Try) and node.handlers)
    return {line for node in tries for stmt in node.body for line in range(stmt.lineno, (stmt.end_lineno or stmt.lineno) + 1)}
