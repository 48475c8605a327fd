"""Record a loop around each op of the golden cases, followed and not, and print where the two differ.

    python -m tests.gradviz.recording.recorder.following.every_op [EACH]

With EACH only every so-manyth of them. A program of its own: once anything has used bfloat16 in a process, all rows have a quick way there.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

import engine
from engine import events
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording
from tests.engine.ops.golden import Case, Golden, cotangent, numbers, read, resolve

from .both_ways import check_alike, following

LOOP = """
for _ in range(14):
    recorder.loop_iteration(1)
    outputs = call()
    sum([(output * weight).sum() for output, weight in zip(outputs, weights) if getattr(output, "requires_grad", False)]).backward()
    if clears:
        for leaf in leaves: leaf.grad = None
"""


def recorded(golden: Golden, case: Case, clears: bool) -> Recording:
    """The loop around the call of a case."""
    leaves: list[Any] = []
    args = [golden.value(case["op"], a, leaves) for a in case["args"]]
    kwargs = {k: golden.value(case["op"], v, leaves) for k, v in case["kwargs"].items()}

    def call() -> list[Any]:
        given = [args[0].clone(), *args[1:]] if case["inplace"] else args
        result = resolve(case["path"])(*given, **kwargs)
        return list(result) if case["out_is_sequence"] else [result]

    weights = [
        engine.from_numpy(cotangent(tuple(output.shape), k).astype(numbers(output).dtype)) if hasattr(output, "shape") else 1
        for k, output in enumerate(call())
    ]
    engine.manual_seed(0)
    recorder = Recorder("<script>", LOOP)
    recorder.loop_enter(1, 1)
    names = {"recorder": recorder, "call": call, "weights": weights, "leaves": leaves, "clears": clears}
    with events.watch(recorder):
        exec(compile(LOOP, "<script>", "exec"), names)
    recording = Recording()
    recording.append_chunk(recorder.drain())
    return recording


def main(each: int = 1) -> None:
    """One case of each op and way to call it; every third with a `.grad` that grows."""
    golden, seen, loops = Golden(), set(), 0
    warnings.simplefilter("ignore")
    for case in read("cases.jsonl"):
        way = case["op"], case["variant"], case["kind"]
        if case["grads"] is None or case["path"].startswith("attr:") or way in seen:
            continue
        seen.add(way)
        if len(seen) % each:
            continue
        loops += 1
        both = []
        for on in (False, True):
            with following(on):
                both.append(recorded(golden, case, bool(loops % 3)))
        try:
            check_alike(*both)
        except AssertionError as problem:
            print(*way, str(problem)[:200])
    print(loops, "loops")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
