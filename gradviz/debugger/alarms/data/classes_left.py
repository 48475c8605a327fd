"""Classes and words that are taken for padding: they occur, and nothing is ever learned of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...words.names import node_title
from ..alarm import Alarm, Severity
from ..origin import first_calls, maker

if TYPE_CHECKING:
    from ...recorded_run import RecordedRun

_SHARE = 0.6  # of the targets that may be left out before it is meant so
_CALLS = 20


def class_ignored(run: RecordedRun) -> Iterator[Alarm]:
    """cross_entropy(ignore_index=c) with one target for each sample, of which some are the class c, in a model that reads no words; one alarm."""
    trace, recording = run.trace, run.recording
    if any(site.op in ("embedding", "embedding_bag") for site in recording.sites):
        return  # what is left out are places of sentences
    for site, event in first_calls(run, frozenset({"nll_loss", "nll_loss_nd"})):
        ignored = (event.detail.get("params") or {}).get("ignore_index", -100)
        shape = recording.form(event.reads[0].value)[0] if event.reads and event.reads[0].value >= 0 else ()
        if site.index not in trace.fired or len(shape) != 2 or not isinstance(ignored, int) or not 0 <= ignored < shape[1]:
            continue
        left = total = 0
        for row in trace.made[site.index][:_CALLS]:
            targets = _targets(run, int(row), shape[0])
            if targets is not None:
                left, total = left + int((targets == ignored).sum()), total + targets.size
        if not left or left > _SHARE * total:
            continue
        yield Alarm(
            "class ignored", Severity.WARNING, "a class is left out of the loss",
            f"ignore_index={ignored} leaves class {ignored} out of the loss of line {site.line}: {left} of {total} samples are of that class, and count nothing. It is never learned.",
            "Leave ignore_index away, or give it a number that is no class (-100).", event.index, (site.index,), left, _written(run, "ignore_index") or site.line,
        )  # fmt: skip
        return


def _targets(run: RecordedRun, row: int, size: int) -> np.ndarray | None:
    """The class numbers that a loss was given: those that were made last, one for each sample."""
    for before in range(row - 1, max(row - 60, -1), -1):
        event = run.trace.event(before)
        for ref in event.writes:
            if ref.value >= 0 and run.recording.form(ref.value) == ((size,), "int64"):
                return run.recording.array(ref.value)
    return None


def word_taken_for_padding(run: RecordedRun) -> Iterator[Alarm]:
    """embedding(padding_idx=k) of sentences in the midst of which k stands: it is a word there, and its vector stays as it is; one alarm."""
    trace, recording = run.trace, run.recording
    for site, event in first_calls(run, frozenset({"embedding"})):
        params = event.detail.get("params") or {}
        pad = params.get("padding_idx", -1)
        vectors = recording.array(event.writes[0].value) if event.writes and event.writes[0].value >= 0 else None
        if site.index not in trace.fired or pad < 0 or vectors is None or vectors.ndim != 3:
            continue
        padded = np.asarray(~vectors.astype(bool).any(axis=-1))  # the vector of the padding is zeros
        between = [bool((np.diff(np.flatnonzero(~row)) > 1).any()) for row in padded]
        if sum(between) < 2 or padded[:, -1].any():  # at the end of a sentence it is padding indeed
            continue
        source = maker(run, event.reads[0], event.index)
        name = node_title(trace, recording.sites[source.site]) if source is not None and source.site >= 0 else "the embedding"
        yield Alarm(
            "word as padding", Severity.WARNING, "a word is taken for padding",
            f"The embedding of line {site.line} takes number {pad} for padding, and in {sum(between)} of {len(between)} sentences it stands between other words: the row {pad} of {name} is zeros, gets no gradient, and "
            "stays so.", "Keep a number for the padding that no word has, and leave padding_idx away where there is none.", event.index, (site.index,), sum(between), _written(run, "padding_idx") or site.line,
        )  # fmt: skip
        return


def _written(run: RecordedRun, word: str) -> int:
    """The line of the script that has a word, 0 unless it is one alone."""
    lines = [number for number, text in enumerate(run.recording.source.splitlines(), 1) if word in text.split("#")[0]]
    return lines[0] if len(lines) == 1 else 0
