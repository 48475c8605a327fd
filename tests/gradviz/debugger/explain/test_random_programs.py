"""What must hold of an explanation of any program, and of a slice behind any element."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings

from gradviz.debugger.explain import explain
from gradviz.debugger.explain.kinds import kind_of
from gradviz.debugger.questions.slices import slice_back
from gradviz.debugger.session import Session
from gradviz.recording.event import Kind
from tests.gradviz.debugger.conftest import record
from tests.gradviz.debugger.programs import programs

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(source=programs())
def test_an_explanation_is_in_order_says_nothing_twice_and_points_into_the_script(source: str) -> None:
    session = Session(record(source))
    told = explain(session)
    ranks = [kind_of(one.kind).rank for one in told]
    assert ranks == sorted(ranks)
    assert len({(one.kind, one.line) for one in told}) == len(told)
    hidden = {kind for one in told for kind in kind_of(one.kind).hides}
    assert not hidden & {one.kind for one in told}
    for one in told:
        assert 0 <= one.line <= len(source.splitlines())
        assert -1 <= one.event < session.length


@FEW
@given(source=programs())
def test_a_slice_goes_back_in_time_and_each_of_its_masks_has_the_shape_of_what_it_is_about(source: str) -> None:
    session = Session(record(source))
    trace = session.trace
    for row in np.flatnonzero(session.columns.kind == int(Kind.OP))[:20].tolist():
        made = trace.event(row)
        shape = trace.recording.form(made.writes[0].value)[0]
        steps = slice_back(trace, made, (0,) * len(shape))
        rows = [step.event.index for step in steps]
        assert rows == sorted(rows, reverse=True)
        assert rows[0] == row
        for step in steps:
            assert step.mask.any()
            assert step.mask.shape == trace.recording.form(step.event.writes[0].value)[0]
            for ref, mask in zip(step.event.reads, step.reads, strict=True):
                assert mask.shape == trace.recording.form(ref.value)[0]
