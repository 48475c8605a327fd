"""What mends a mistake of a run that did not fail, where that is mechanical: a change of the script, as errors have one.

A remedy is looked up by the word that `explain` has for the mistake, and is given the line and the advice. It is offered where
the changed text is a program; whether it helps, a run of it shows.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from ..diagnosis import Fix
from . import arguments, expressions, loops, rewriting
from .replacing import replaced
from .text import Text, applied, fits

__all__ = ["applied", "remedy"]

REMEDIES: dict[str, Callable[[Text, int, str], Fix | None]] = {
    "zero-grad-missing": loops.cleared,
    "not-called": loops.called,
    "clipping-order": loops.clipped_between,
    "scheduler-order": loops.stepped_later,
    "step-without-gradient": loops.cleared_earlier,
    "never-stepped": loops.step_added,
    "eval-mode-left-on": loops.trained_again,
    "optimizer-made-anew": loops.made_before,
    "exploding-gradient": loops.clipped,
    "grad-of-non-leaf": loops.kept_in_time,
    "late-retain-grad": loops.kept_in_time,
    "softmax-twice": expressions.unsquashed,
    "probabilities-for-logarithms": expressions.logarithm,
    "target-not-detached": expressions.detached,
    "advantage-not-detached": expressions.detached_there,
    "constant-term": expressions.with_history,
    "loss-not-divided": expressions.divided,
    "dropout-always-on": expressions.in_training,
    "drawn-without-way-back": expressions.reparametrised,
    "state-not-copied": expressions.state_copied,
    "one-network-for-two": expressions.network_copied,
    "shared-layer": expressions.one_each,
    "learning-rate-too-large": expressions.smaller_rate,
    "layers-not-registered": expressions.registered,
    "graph-kept": expressions.number_added,
    "rebound-update": expressions.in_place,
    "softmax-over-batch": expressions.over_classes,
    "reshape-for-transpose": expressions.transposed,
    "loss-arguments-exchanged": expressions.exchanged,
    "class-for-its-object": expressions.made_first,
    "nothing-to-optimize": expressions.listed,
    "accidental-broadcast": expressions.squeezed,
    "targets-have-two-dimensions": expressions.column_taken,
    "nan": expressions.away_from_zero,
    "inf": expressions.away_from_zero,
    "uphill": expressions.downhill,
    "reward-made-small": expressions.downhill,
    "not-in-optimizer": expressions.parameter,
    "learning-rate-too-small": loops.stepped_by_epochs,
    "schedule-in-batches": loops.stepped_by_epochs,
    "no-gradient": expressions.recorded_again,
    "history-left-behind": expressions.stacked,
    "shared-memory": expressions.cloned,
    "mask-inverted": expressions.turned_round,
    "cut-in-each-turn": expressions.recorded,
    "gradient-of-one-sign": arguments.bounded_on_both_sides,
    "late-binding": arguments.with_name_of_its_turn,
    "normalized-along-another-dimension": arguments.along_the_last,
    "no-activation": arguments.flag_by_name,
    "bits-turned": arguments.counted_from_one,
    "betas-exchanged": arguments.in_their_order,
    "larger-of-two": arguments.other_extreme,
    "queries-masked": arguments.along_the_keys,
    "cotangent-written": arguments.copied_first,
    "next-sample-for-next-word": arguments.cut_along_the_places,
    "margin-taken-away": arguments.added,
    "stepped-at-all-others": arguments.asked_for_zero,
    "learning-rate-zero": arguments.divided_exactly,
    "one-temperature": arguments.both_softened,
    "identical-units": arguments.started_at_random,
    "mode-not-entered": loops.entered,
    "same-noise-each-turn": rewriting.left_away,
    "moved-twice": rewriting.left_away,
    "half-of-a-sum": rewriting.joined_to_the_sum,
    "divided-twice": rewriting.without_factor,
    "used-up": rewriting.listed_first,
    "state-not-loaded": rewriting.written_into,
    "setting-not-read": rewriting.in_its_groups,
    "likeness-made-small": rewriting.with_minus,
    "positive-and-negative-exchanged": rewriting.exchanged_last,
    "result-dropped": rewriting.kept,
    "loop-left-at-once": rewriting.one_step_left,
    "bytes-wrap-around": rewriting.as_numbers,
    "compared-with-itself": rewriting.diagonal_out,
    "padding-counted": rewriting.padding_ignored,
    "nearly-all-dropped": rewriting.dropped_less,
    "exponential-twice": rewriting.exponential_left,
    "targets-out-of-reach": expressions.unsquashed,
    "loss-without-minimum": arguments.added,
}


ELSE: dict[str, Callable[[Text, int, str], Fix | None]] = {
    "state-not-copied": rewriting.copied,
    "reward-made-small": rewriting.with_minus,
    "class-for-its-object": rewriting.class_made,
    "rebound-update": rewriting.written_into,
}
"""What is looked at where the first remedy of a mistake does not fit."""


def remedy(source: str, kind: str, line: int, advice: str) -> Fix | None:
    """The change that mends a mistake of a kind in a line; None where it takes more than that."""
    if line <= 0:
        return None
    text = Text(source)
    known = (find(text, line, advice) for table in (REMEDIES, ELSE) if (find := table.get(kind)) is not None)
    changes = chain(known, [replaced(text, kind, line, advice)])
    return next((fix for fix in changes if fix is not None and fits(source, fix)), None)
