"""All alarms of a recording, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..words.names import node_title
from .alarm import Alarm, Thresholds
from .data import batch_axes, batches, classes_left, inputs, lost_information, masks, padded, pairs, samples, sequences, twins
from .gradients import copies, derivatives, flow, hidden_writes, hooks, lost_ways, names, passes, second, terms
from .losses import averaging, collapse, comparisons, distilling, logits, losing, losses, one_way, shapes, structure, unit_vectors
from .training import (
    adversaries,
    clipped,
    diverging,
    evaluation,
    left_so,
    memory,
    opponents,
    optimizing,
    policies,
    rounding,
    standstill,
    training,
    undone,
    unfilled,
)
from .values import functions, gaussians, kinks, numbers, ranges, units

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun

_ALONE = 2  # alarms of a kind that are told one by one
_NAMED = 4  # others that are named
_TURN = 512  # rows that are opened in one turn: some 5 ms


# What each family says, in the order in which they are asked.
_FAMILIES: tuple[Callable[[RecordedRun, Thresholds], Iterable[Alarm]], ...] = (
    lambda run, _: numbers.born(run),
    flow.sizes,
    lambda run, _: flow.unreached(run),
    training.steps,
    training.first_loss,
    lambda run, _: shapes.broadcasts(run),
    lambda run, _: shapes.reshaped_for_transposed(run),
    units.asleep,
    lambda run, _: names.lost_leaves(run),
    lambda run, _: hidden_writes.behind_autograd(run),
    lambda run, _: optimizing.given(run),
    lambda run, _: losses.twice_squashed(run),
    lambda run, _: losses.growing(run),
    lambda run, _: comparisons.exchanged(run),
    lambda run, _: comparisons.one_for_all(run),
    lambda run, _: comparisons.cut_targets(run),
    lambda run, _: comparisons.falling(run),
    lambda run, _: kinks.kinks(run),
    lambda run, _: evaluation.training_layers(run),
    lambda run, _: left_so.in_evaluation(run),
    lambda run, _: left_so.without_a_past(run),
    lambda run, _: left_so.never_moved(run),
    lambda run, _: structure.alike(run),
    lambda run, _: structure.linear_on_linear(run),
    lambda run, _: structure.straight_activations(run),
    lambda run, _: structure.over_the_batch(run),
    lambda run, _: structure.mixed_by_columns(run),
    lambda run, _: structure.moving_targets(run),
    lambda run, _: policies.leaking_advantages(run),
    lambda run, _: lost_ways.drawn(run),
    lambda run, _: lost_ways.cut_states(run),
    lambda run, _: copies.left_behind(run),
    lambda run, _: copies.leaf_for_a_root(run),
    lambda run, _: copies.starts_anew(run),
    lambda run, _: ranges.of_one(run),
    lambda run, _: ranges.beyond_the_ends(run),
    lambda run, _: ranges.beyond_the_loss(run),
    lambda run, _: sequences.samples_as_time(run),
    lambda run, _: sequences.samples_attend(run),
    lambda run, _: adversaries.gradient_of_the_other(run),
    lambda run, _: diverging.learning_rates(run),
    lambda run, _: memory.shared(run),
    lambda run, _: memory.tied(run),
    lambda run, _: memory.one_grad(run),
    lambda run, _: memory.compared_with_its_alias(run),
    lambda run, _: terms.constant(run),
    lambda run, _: functions.wrong(run),
    lambda run, _: ranges.no_distribution(run),
    lambda run, _: sequences.forgotten_states(run),
    lambda run, _: batches.same_noise(run),
    lambda run, _: batches.changed_data(run),
    lambda run, _: batches.of_one_class(run),
    lambda run, _: samples.weights_after_the_mean(run),
    lambda run, _: samples.rows_for_columns(run),
    lambda run, _: samples.compared_with_itself(run),
    lambda run, _: batches.padding_counted(run),
    lambda run, _: batches.wrapped_around(run),
    lambda run, _: unfilled.never_filled(run),
    lambda run, _: unfilled.loaded_nothing(run),
    lambda run, _: hooks.piling_up(run),
    lambda run, _: second.of_straight_lines(run),
    lambda run, _: losses.logarithms_for_probabilities(run),
    lambda run, _: sequences.one_step_of_the_reverse(run),
    lambda run, _: structure.masked_after_softmax(run),
    lambda run, _: unit_vectors.normalized_over_the_batch(run),
    lambda run, _: logits.rectified(run),
    lambda run, _: logits.classes_last(run),
    lambda run, _: logits.against_one_half(run),
    lambda run, _: masks.inverted(run),
    lambda run, _: inputs.one_sample_again(run),
    lambda run, _: inputs.target_among_the_inputs(run),
    lambda run, _: inputs.of_one_kind(run),
    lambda run, _: gaussians.variance_for_spread(run),
    lambda run, _: hooks.one_sided(run),
    lambda run, _: shapes.heads_by_a_view(run),
    lambda run, _: adversaries.one_target_for_both(run),
    lambda run, _: evaluation.scaled_apart(run),
    lambda run, _: structure.shared_by_all(run),
    lambda run, _: unit_vectors.similar_over_the_batch(run),
    lambda run, _: logits.best_over_the_batch(run),
    lambda run, _: inputs.scaled_again(run),
    lambda run, _: passes.of_one_loss_twice(run),
    lambda run, _: comparisons.with_itself(run),
    lambda run, _: comparisons.errors_that_cancel(run),
    lambda run, _: diverging.decayed(run),
    lambda run, _: adversaries.moved_by_the_other(run),
    lambda run, _: evaluation.dropped_outputs(run),
    lambda run, _: padded.state_of_the_padding(run),
    lambda run, _: lost_information.made_alike(run),
    lambda run, _: lost_information.empty_batches(run),
    lambda run, _: lost_information.never_equal(run),
    lambda run, _: lost_information.read_after_clearing(run),
    lambda run, _: clipped.what_did_not_move(run),
    lambda run, _: twins.both_sides_alike(run),
    lambda run, _: twins.one_living_tensor(run),
    lambda run, _: batch_axes.reduced_over_the_batch(run),
    lambda run, _: batch_axes.along_the_features(run),
    lambda run, _: losing.nearly_all_dropped(run),
    lambda run, _: losing.exponential_twice(run),
    lambda run, _: losing.hinge_of_zeros(run),
    lambda run, _: losing.small_similarities(run),
    lambda run, _: losing.flattened_apart(run),
    lambda run, _: losing.sum_beside_a_mean(run),
    lambda run, _: losing.future_hidden(run),
    lambda run, _: undone.steps_undone(run),
    lambda run, _: undone.statistics_left(run),
    lambda run, _: derivatives.on_top_of_the_first(run),
    lambda run, _: derivatives.one_norm_for_all(run),
    lambda run, _: classes_left.class_ignored(run),
    lambda run, _: classes_left.word_taken_for_padding(run),
    lambda run, _: pairs.repeated_apart(run),
    lambda run, _: gaussians.logarithm_for_spread(run),
    lambda run, _: policies.entropy_of_choices(run),
    lambda run, _: clipped.part_by_part(run),
    lambda run, _: one_way.small_likeness(run),
    lambda run, _: one_way.scores_may_grow(run),
    lambda run, _: one_way.near_one_pushed_away(run),
    lambda run, _: averaging.divided_again(run),
    lambda run, _: masks.filled_with_zero(run),
    lambda run, _: logits.bounded_otherwise(run),
    lambda run, _: collapse.both_sides_pulled(run),
    lambda run, _: unit_vectors.along_another_dimension(run),
    lambda run, _: averaging.bent_after_the_mean(run),
    lambda run, _: masks.bits_turned(run),
    lambda run, _: batch_axes.positions_along_the_batch(run),
    lambda run, _: opponents.same_way(run),
    lambda run, _: masks.of_whole_rows(run),
    lambda run, _: policies.larger_of_two(run),
    lambda run, _: policies.down_the_critic(run),
    lambda run, _: rounding.lost(run),
    lambda run, _: sequences.next_sample_for_next_word(run),
    lambda run, _: losing.margin_taken_away(run),
    lambda run, _: gaussians.one_noise_for_all(run),
    lambda run, _: distilling.one_temperature(run),
    lambda run, _: structure.scaled_after_softmax(run),
    lambda run, _: standstill.alike(run),
    lambda run, _: standstill.unmoved(run),
)


def find_alarms(run: RecordedRun, thresholds: Thresholds | None = None) -> tuple[Alarm, ...]:
    """What looks wrong, the worst and then the earliest first."""
    search = searching(run, thresholds)
    while True:
        try:
            next(search)
        except StopIteration as done:
            found: tuple[Alarm, ...] = done.value
            return found


def searching(run: RecordedRun, thresholds: Thresholds | None = None) -> Generator[None, None, tuple[Alarm, ...]]:
    """As `find_alarms`, a family of alarms at a time: a window stays awake between them."""
    limits = thresholds or Thresholds()
    found: list[Alarm] = []
    bindings = names.bound(run)
    for start in range(0, len(bindings), _TURN):  # opened at once they would hold up the window: a long loop has thousands
        run.trace.open(bindings[start : start + _TURN])
        yield
    for family in _FAMILIES if run.length else ():
        found += family(run, limits)
        yield
    return tuple(sorted(_together(run, found), key=lambda alarm: (-alarm.severity, alarm.event)))


def _together(run: RecordedRun, found: list[Alarm]) -> list[Alarm]:
    """Of many alarms of a kind (every parameter of a model) the first speaks, and names the others that it is true of."""
    kinds: dict[tuple[str, str], list[Alarm]] = {}
    for alarm in found:
        kinds.setdefault((alarm.kind, alarm.title), []).append(alarm)
    merged = []
    for alarms in kinds.values():
        events, lines = {alarm.event for alarm in alarms}, {alarm.line or -1 - alarm.event for alarm in alarms}
        if len(alarms) <= _ALONE and len(events) == len(lines) == len(alarms):
            merged += alarms
            continue
        first, *rest = sorted(alarms, key=lambda alarm: alarm.event)
        others = [alarm.subject if alarm.subject >= 0 else alarm.nodes[0] for alarm in rest if alarm.nodes]
        spoken = first.subject if first.subject >= 0 else (*first.nodes, -1)[0]
        names = _told_apart(run, [node for node in dict.fromkeys(others) if node != spoken], spoken)
        listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        nodes = tuple(dict.fromkeys(node for alarm in (first, *rest) for node in alarm.nodes))
        sentence = f"{first.sentence} The same goes for {listed}." if listed else first.sentence
        merged.append(replace(first, sentence=sentence, nodes=nodes, count=sum(alarm.count for alarm in alarms)))
    return merged


def _told_apart(run: RecordedRun, nodes: list[int], spoken: int) -> list[str]:
    """The names of nodes, with their lines where another of them, or the one that was spoken of, is called the same."""
    sites = run.recording.sites
    titles = {node: node_title(run.trace, sites[node]) for node in (*nodes, *((spoken,) if spoken >= 0 else ()))}
    same = Counter(titles.values())
    told = {node: f"{title} (line {sites[node].line})" if same[title] > 1 and sites[node].line else title for node, title in titles.items()}
    return [name for name in dict.fromkeys(told[node] for node in nodes) if name != told.get(spoken)]
