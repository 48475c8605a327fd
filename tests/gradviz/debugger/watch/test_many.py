"""An expression at many events at once says what it says at each: against the evaluation one by one, on scripts of all kinds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import events
from engine.torch_module import module
from gradviz.debugger.breakpoints import Breakpoint, Evaluated
from gradviz.debugger.session import Session
from gradviz.debugger.watch import Names, WatchProblem, changes, parse
from gradviz.debugger.watch.many import Unknown
from gradviz.debugger.watch.numbers import changed, truths
from gradviz.recording.event import Kind
from gradviz.recording.recorder.recorder import Recorder
from gradviz.recording.recording import Recording
from tests.gradviz.debugger.conftest import record

LOOP = """import torch
w = torch.tensor([1.0, -2.0], requires_grad=True)
b = torch.tensor(0.5, requires_grad=True)
opt = torch.optim.SGD([w, b], lr=0.1, momentum=0.5)
for step in range(6):
    h = w * (step + 1) + b
    loss = (h * h).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
STRANGE = """import torch
w = torch.tensor([0.0, 4.0], requires_grad=True)
e = torch.tensor([], requires_grad=True)
c = torch.tensor([1 + 2j, 0j])
flags = torch.tensor([True, False])
n = torch.tensor(3)
for step in range(3):
    h = w.sqrt()
    h.sum().backward()
    loss = w.sum() / (step - 1)
w.grad = None
w.requires_grad_(False)
"""
TWICE = """import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
h = w * 2
kept = h * 3
kept.retain_grad()
loss = (kept * kept).sum()
loss.backward(retain_graph=True)
loss.backward()
w.grad.zero_()
with torch.no_grad():
    w += 1
    w *= 1
g = w * 1
g.mul_(2)
g.sum().backward()
"""
EXPRESSIONS = (
    "norm(w.grad) > 4", "norm(w.grad) < 1e-7", "isnan(w.grad)", "isinf(w.grad) or norm(w) > 2", "w.grad is None", "w.grad is not None and mean(w.grad) < 0",
    "loss > 10", "loss <= 3", "not isnan(h)", "norm(h.grad) > 5", "h.grad is None", "max(w) - min(w) >= 3", "abs(b) < 1", "delta(norm(w)) > 0",
    "prev(loss) > loss", "ratio(norm(w.grad), norm(w)) > 1", "norm(opt.state[w].momentum_buffer) > 5", "w[0] > 0", "sum(w) > 0", "norm(c) > 1",
    "norm(e) < 1", "n > 2", "flags", "max(loss) > 1", "norm(kept.grad) > 1", "norm(g.grad) > 0", "norm(w.data) ** 2 > 5", "-mean(w) > 1", "loss == 4",
)  # fmt: skip
KINDS = """import torch
x = torch.tensor([[1.0, -2.0, 3.0], [0.5, 0.1, -0.1]], requires_grad=True)
n = torch.tensor([[3, -1], [2, 0]])
for step in range(5):
    h = x.t() * (step - 2)
    rows = h[step % 2 :]
    a, b = h.unbind(1)
    best, where = h.max(dim=0)
    n = n - step
    half = (h * 0.1).double() if step > 2 else h * 0.1
    loss = (a * b).sum() + best.sum() + half.sum()
    loss.backward()
    if step == 3:
        x.grad = None
c = torch.tensor([1 + 2j, 0j])
flags = torch.tensor([True, False])
e = torch.tensor([])
g, = torch.autograd.grad((h * h).sum(), h)
"""
FAILS = """import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
for step in range(3):
    h = w * 2
    k = h.exp()
    loss = (k * h).sum()
    if step == 2:
        k.mul_(2)
    loss.backward()
"""
SCRIPTS = {
    "views, shapes and dtypes": KINDS,
    "an error in the middle of a pass": FAILS,
    "a training loop": LOOP, "nan, inf, None and odd dtypes": STRANGE, "several passes and writes in place": TWICE,
}  # fmt: skip


_PARTS = (
    "w", "h", "w.grad", "h.grad", "loss", "x", "x.grad", "rows", "a", "b", "best", "n", "half", "c", "flags", "e", "k", "g", "kept.grad", "loss.grad",
    "upstream(h)", "upstream(loss)", "upstream(w)", "upstream(x)", "upstream(a)", "upstream(best)", "upstream(half)", "upstream(k)",
    "upstream(mul)", "upstream(mul[1])", "upstream(sum)", "upstream(exp)", "upstream(unbind)", "upstream(1)", "upstream(3)", "upstream(99)",
)  # fmt: skip
_INDICES = ("", "", "[0]", "[1]", "[-1]", "[0, 1]", "[1, 0]", "[2]", "[0:1]", "[:, 1]", "[::-1]", "[0][1]", "[7]")
_WORTH = st.builds(str.__add__, st.sampled_from(_PARTS), st.sampled_from(_INDICES))
_OVER = (
    "{}", "{}", "abs({})", "-{}", "prev({})", "delta({})", "max({})", "sqrt({})", "log({})", "norm({})", "sum({})", "mean({} * 2)", "std({})",
    "any({} > 0.5)", "all({} < 2)", "isnan(sqrt({}))", "sum({} * 3)", "({} > 1)", "{} * 2",
)  # fmt: skip
_CHANGED = st.builds(str.format, st.sampled_from(_OVER), _WORTH)
_SIDE = st.one_of(
    _CHANGED, st.builds("{} {} {}".format, _CHANGED, st.sampled_from("+-*/"), _CHANGED), st.sampled_from(["0", "1", "0.1", "-2", "1e-7"])
)
_TRUTH = st.builds("{} {} {}".format, _SIDE, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), _SIDE)
_TRUTHS = st.one_of(
    _TRUTH, _WORTH, st.builds("not ({})".format, _TRUTH), st.builds("{} {} {}".format, _TRUTH, st.sampled_from(["and", "or"]), _TRUTH)
)


@pytest.fixture(scope="module", params=list(SCRIPTS.values()), ids=list(SCRIPTS))
def session(request: pytest.FixtureRequest) -> Session:
    return Session(record(request.param))


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_at_once_it_is_true_where_it_is_one_by_one(session: Session, text: str) -> None:
    _the_same_at_once(session, text)


def _the_same_at_once(session: Session, text: str) -> None:
    expression, names = parse(text), Names(session)
    rows = np.arange(-1, session.length)
    try:
        found = truths(session, expression, rows, names)
    except (Unknown, WatchProblem):
        return
    one_by_one = Evaluated()
    assert found.tolist() == [one_by_one.truth(session, expression, row, names) for row in rows.tolist()]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=_TRUTHS)
def test_elements_of_results_are_true_where_they_are_one_by_one(session: Session, text: str) -> None:
    _the_same_at_once(session, text)


@pytest.mark.parametrize(
    "text",
    ["h[0] > 1", "upstream(h) < 4", "upstream(mul[1])[0] > 0", "h.grad[1] < 0", "delta(w[0]) > 0", "w > -3", "sum(h) > 1", "1 < h[0] < 30"],
)
def test_elements_of_results_are_read_at_once(text: str) -> None:
    session = Session(record(LOOP))
    assert truths(session, parse(text), np.arange(session.length), Names(session)).any()


def test_of_numbers_that_were_thrown_away_elements_say_what_they_say_one_by_one() -> None:
    """Of a long run only some steps are kept, and some are computed again."""
    torch, recorder, recording = module(), Recorder("script.py"), Recording()
    with events.watch(recorder):
        w = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
        for turn in range(40):
            recorder.bind_name("h", w * turn, 1)
            recording.append_chunk(recorder.drain(True))
    whole = {value: recording.peek(value) for value in range(recording.value_count)}
    session = Session(recording)
    expression, names, one_by_one, rows = parse("h[-1] > 6"), Names(session), Evaluated(), np.arange(session.length)
    all_ = truths(session, expression, rows, names).sum()  # now the indexes are there, which take their part of the budget
    recording.budget = recording.memory - 300
    gone = [value for value in whole if recording.peek(value) is None]
    assert 4 < len(gone) < len(whole)
    recording.fill({value: np.array(whole[value]) for value in gone[-2:]})
    found = truths(session, expression, rows, names).tolist()
    assert found == [one_by_one.truth(session, expression, row, names) for row in rows.tolist()]
    assert 0 < sum(found) < all_ - 4


@pytest.mark.parametrize(
    "text", ["norm(w.grad) > 4", "isnan(w.grad)", "loss > 10", "norm(h.grad) > 5", "delta(norm(w)) > 0", "w.grad is None"]
)
def test_what_is_asked_most_needs_statistics_only(text: str) -> None:
    session = Session(record(LOOP))
    assert truths(session, parse(text), np.arange(session.length), Names(session)).any() or "nan" in text


@pytest.mark.parametrize(
    "text", ["w", "w.grad", "h", "h.grad", "loss", "b.grad", "w.data", "g", "kept.grad", "opt.state[w].momentum_buffer"]
)
def test_a_change_is_one_as_it_is_one_by_one(session: Session, text: str) -> None:
    _the_same_changes(session, text)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(_CHANGED, _SIDE, _TRUTHS))
def test_a_change_of_what_is_computed_is_one_as_it_is_one_by_one(session: Session, text: str) -> None:
    try:
        _the_same_changes(session, text)
    except WatchProblem:
        return  # a node of which there are several


@pytest.mark.parametrize("text", ["h[0]", "upstream(h)", "sum(w)", "h[0] > 3", "w.grad[1]"])
def test_a_change_of_elements_is_found_at_once(text: str) -> None:
    session = Session(record(LOOP))
    expression, names = parse(text), Names(session)
    assert changed(session, expression, changes(session, expression, names), names).sum() > 1


def test_what_is_true_twice_counts_as_two() -> None:
    session = Session(record(LOOP))
    expression, names = parse("any(h > 0) + any(h > 0) > 1"), Names(session)
    rows = np.arange(session.length)
    assert truths(session, expression, rows, names).any()
    _the_same_at_once(session, "any(h > 0) + any(h > 0) > 1")
    _the_same_changes(session, "sum(w) <= any(h > 0.5) + any(h > 0.5)")


def _the_same_changes(session: Session, text: str) -> None:
    expression, names = parse(text), Names(session)
    rows = changes(session, expression, names)
    try:
        found = changed(session, expression, np.array(rows, np.int64), names)
    except Unknown:
        return
    one_by_one = Evaluated()
    marks = [one_by_one.mark(session, expression, row, names) for row in rows]
    wanted = [now is not None and now != before for now, before in zip(marks, [None, *marks], strict=False)]
    assert found.tolist() == wanted
    assert session.hits(Breakpoint("change", text)).tolist() == [row for row, one in zip(rows, wanted, strict=True) if one]


def test_while_a_recording_grows_its_hits_are_those_of_the_whole() -> None:
    """What was found while it was shorter is not asked for again, and says the same."""
    torch, recorder, recording = module(), Recorder("script.py"), Recording()
    session = Session(recording)
    number, change = Breakpoint("when", "norm(w.grad) > 4"), Breakpoint("change", "w.grad")
    condition = Breakpoint("event", "accumulate", condition="norm(w.grad) > 4")
    with events.watch(recorder):
        w = torch.tensor([1.0, -2.0], requires_grad=True)
        recorder.bind_name("w", w, 1)
        for turn in range(6):
            (w * w * turn).sum().backward()
            recording.append_chunk(recorder.drain(True))
            seen = [session.hits(one).tolist() for one in (number, change, condition)]
            if turn % 2:
                w.grad = None
    recording.append_chunk(recorder.drain(True))
    fresh = Session(recording)
    assert [session.hits(one).tolist() for one in (number, change, condition)] == [
        fresh.hits(one).tolist() for one in (number, change, condition)
    ]
    assert all(len(found) > 1 for found in seen)


def test_none_is_greater_than_nothing() -> None:
    """A `.grad` that is not there yet is no hit: what a comparison of order with it says has no meaning in Python either."""
    session = Session(record(LOOP))
    first = int(session.hits(Breakpoint("when", "w.grad > -1000"))[0])
    assert session.recording.event(first).kind == Kind.ACCUMULATE
    assert len(session.hits(Breakpoint("when", "w.grad != 1")))


@pytest.mark.parametrize("text", ["x > 0.1", "0.1 < x", "x.data >= 0.1", "y[0] > 0.1", "d > 0.1", "d <= 0.1"])
def test_a_number_beside_a_tensor_is_what_it_is_in_its_dtype(text: str) -> None:
    """0.1 of float32 is a little more than 0.1, and not greater than it."""
    source = "import torch\nx = torch.tensor(0.1)\ny = torch.tensor([0.1])\nd = torch.tensor(0.1, dtype=torch.float64)\n"
    session = Session(record(source))
    found = truths(session, parse(text), np.array([session.length - 1]), Names(session))
    assert found.tolist() == ["=" in text]
    _the_same_at_once(session, text)
