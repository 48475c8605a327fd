"""Watches that look at nodes, and names as a script writes them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from gradviz.debugger.breakpoints import Breakpoint
from gradviz.debugger.session import Session
from gradviz.debugger.watch import Histogram, Names, WatchProblem, evaluate, history, parse
from gradviz.recording.event import Kind
from gradviz.running.recorded import record_text

SOURCE = """
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
        self.head = nn.Linear(3, 1)
    def forward(self, x):
        return self.head(self.body(x))
net = Net()
x = torch.tensor([[1., -2.], [0.5, 3.]], requires_grad=True)
w = torch.tensor([1., 2., 3.], requires_grad=True)
for epoch in range(2):
    h = torch.tanh(w * 2)
    s = h.softmax(0)
    loss = (s * h).sum() + net(x).mean()
    loss.backward()
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Two steps, at the end."""
    path = str(tmp_path_factory.mktemp("nodes") / "nodes.py")
    made = Session(record_text(path, SOURCE, silent=True)[0])
    made.to_end()
    return made


def array(session: Session, text: str, at: int | None = None) -> np.ndarray:
    return np.asarray(evaluate(session, parse(text), session.position if at is None else at))


def test_upstream_is_the_gradient_that_came_to_a_node(session: Session) -> None:
    assert array(session, "upstream(loss)").tolist() == 1.0
    s, h = array(session, "s"), array(session, "h")
    assert array(session, "upstream(s)") == pytest.approx(h)
    # To h: from the product s, and through the softmax.
    through = s * (h - float((s * h).sum()))
    assert array(session, "upstream(h)") == pytest.approx(s + through, rel=1e-5)
    assert array(session, "upstream(w)") == pytest.approx(array(session, "w.grad - prev(w.grad)"), rel=1e-5)


def test_upstream_grows_as_the_cotangents_arrive(session: Session) -> None:
    norms = history(session, parse("norm(upstream(h))")).values
    distinct = {value for value in norms if value == value}
    assert len(distinct) == 2  # the first of two, and their sum; both steps have the same
    first = int(session.recording.events_of_kind(Kind.SEED)[0])
    with pytest.raises(WatchProblem, match="No gradient has come to h yet"):
        evaluate(session, parse("upstream(h)"), first)


def test_local_times_upstream_is_what_goes_on_and_the_numeric_check_agrees(session: Session) -> None:
    assert array(session, "local(h)") == pytest.approx(1 - array(session, "h") ** 2, rel=1e-5)
    assert array(session, "numeric(h)") == pytest.approx(array(session, "local(h)"), abs=1e-6)
    jacobian = array(session, "local(s)")
    s = array(session, "s")
    assert jacobian == pytest.approx(np.diag(s) - np.outer(s, s), abs=1e-6)
    assert array(session, "numeric(s)") == pytest.approx(jacobian, abs=1e-6)
    assert evaluate(session, parse("max(abs(local(s) - numeric(s))) < 1e-5"), session.position) is True


def test_an_op_without_a_name_is_called_by_its_op_or_number(session: Session) -> None:
    site = next(site for site in session.recording.sites if site.op == "mean")
    assert array(session, "local(mean)").tolist() == [[0.5, 0.5]]
    assert array(session, f"local({site.index})").tolist() == [[0.5, 0.5]]
    assert array(session, "local(mul[0])").tolist() == [2.0, 2.0, 2.0]
    assert array(session, "local(mul[1], 1)") == pytest.approx(array(session, "s"))
    with pytest.raises(WatchProblem, match=r"There are 2 nodes called mul: say which, mul\[0\] to mul\[1\]"):
        evaluate(session, parse("local(mul)"), session.position)


def test_saved_is_what_the_node_kept(session: Session) -> None:
    assert array(session, "saved(h, 0)").tolist() == array(session, "h").tolist()
    with pytest.raises(WatchProblem, match="h kept 1 value for backward: 3 is none of 0 to 0"):
        evaluate(session, parse("saved(h, 3)"), session.position)
    with pytest.raises(WatchProblem, match="w kept nothing"):
        evaluate(session, parse("saved(w, 0)"), session.position)


def test_grad_fn_has_the_name_that_pytorch_prints(session: Session) -> None:
    assert evaluate(session, parse("h.grad_fn"), session.position) == "TanhBackward0"
    assert evaluate(session, parse("loss.grad_fn"), session.position) == "AddBackward0"
    assert evaluate(session, parse("w.grad_fn"), session.position) is None
    assert evaluate(session, parse("w.grad_fn is None and h.grad_fn is not None"), session.position) is True


def test_parameters_are_called_as_the_script_calls_them(session: Session) -> None:
    wanted = array(session, "head.weight.grad").tolist()
    assert array(session, "net.head.weight.grad").tolist() == wanted
    assert array(session, "net.body[0].weight").shape == (3, 2)
    assert array(session, "body[0].bias.grad").shape == (3,)
    assert Names(session).resolved("net.body[0].weight") == "net.body.0.weight"
    assert array(session, "self.body[0].weight").tolist() == array(session, "body[0].weight").tolist()
    with pytest.raises(WatchProblem, match=r"no tensor called net\.haed\.weight"):
        evaluate(session, parse("net.haed.weight"), session.position)


def test_two_modules_with_parameters_of_one_name_are_told_apart(tmp_path: Path) -> None:
    source = """import torch
one = torch.nn.Linear(2, 1)
two = torch.nn.Sequential(torch.nn.Linear(2, 1))
three = torch.nn.Linear(2, 1, bias=False)
(one(torch.ones(1, 2)) + 3 * two(torch.ones(1, 2)) + 5 * three(torch.ones(1, 2))).sum().backward()
"""
    path = str(tmp_path / "two.py")
    session = Session(record_text(path, source, silent=True)[0])
    session.to_end()
    for text, worth in (("one.weight.grad", 1.0), ("two[0].weight.grad", 3.0), ("three.weight.grad", 5.0)):
        assert array(session, text).tolist() == [[worth, worth]]
    with pytest.raises(WatchProblem, match=r"no tensor called net\.weight"):
        evaluate(session, parse("net.weight"), session.position)
    hits = session.hits(Breakpoint("write", "two[0].weight.grad"))
    assert [session.recording.event(row).kind for row in hits.tolist()] == [Kind.ACCUMULATE]


def test_a_histogram_is_shown_and_not_computed_with(session: Session) -> None:
    found = evaluate(session, parse("hist(w)"), session.position)
    assert isinstance(found, Histogram)
    assert (found.low, found.high) == (1.0, 3.0)
    assert found.over(1.0, 3.0, 4) == (1, 0, 1, 1)
    with pytest.raises(WatchProblem, match="only shown"):
        evaluate(session, parse("hist(w) + 1"), session.position)
    over_time = history(session, parse("hist(w.grad)"))
    counted = [band for band in over_time.bands if band]
    assert counted
    assert {sum(band) for band in counted} == {3}


def test_marks_stand_where_the_value_is_another_one(session: Session) -> None:
    found = history(session, parse("w.grad[0]"))
    marked = [value for value, changed in zip(found.values, found.changed, strict=True) if changed]
    assert len(marked) == 2  # after each backward
    assert marked == list(dict.fromkeys(v for v in found.values if v == v))
    still = history(session, parse("numel(w)"))
    assert sum(still.changed) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("upstream(w + 1)", "A node is the name of a tensor or op"),
        ("upstream(w, 1)", "upstream takes 1 argument."),
        ("local()", "local takes 1 or 2 arguments."),
        ("saved(w)", "saved takes 2 arguments."),
        ("numeic(w)", "Did you mean numeric?"),
    ],
)
def test_what_is_no_node_is_explained(text: str, words: str) -> None:
    with pytest.raises(WatchProblem) as raised:
        parse(text)
    assert words in str(raised.value)


def test_what_has_no_backward_says_so(session: Session) -> None:
    for text, words in (
        ("local(x)", "No backward pass goes through x"),
        ("local(foo)", "no tensor and no node called foo"),
        ("upstream(99)", "99"),
    ):
        with pytest.raises(WatchProblem, match=words):
            evaluate(session, parse(text), session.position)


def test_a_wrong_part_is_pointed_at_where_it_stands() -> None:
    with pytest.raises(WatchProblem) as raised:
        parse("  1 + nrom(w)")
    assert "  1 + nrom(w)"[raised.value.start : raised.value.stop] == "nrom"


def test_complex_numbers_are_not_made_real(tmp_path: Path) -> None:
    source = "import torch\nx = torch.tensor([3+4j, 1j], requires_grad=True)\nx.abs().sum().backward()\n"
    path = str(tmp_path / "complex.py")
    session = Session(record_text(path, source, silent=True)[0])
    session.to_end()
    assert evaluate(session, parse("norm(x)"), session.position) == pytest.approx(26**0.5)
    assert evaluate(session, parse("sum(x)"), session.position) == 3 + 5j
    assert history(session, parse("x")).values[-1] == pytest.approx(26**0.5)
    found = evaluate(session, parse("hist(x)"), session.position)
    assert isinstance(found, Histogram)
    assert (found.low, found.high) == (1.0, 5.0)


@pytest.mark.parametrize("shape", ["0", "0, 3", "1", "2, 1, 2"])
@pytest.mark.parametrize("op", ["x * 2", "x.sum()", "x.exp().mean()", "torch.cat([x, x])", "x.reshape(-1)"])
def test_no_watch_fails_otherwise_than_in_words(shape: str, op: str, tmp_path: Path) -> None:
    source = f"import torch\nx = torch.ones({shape}, requires_grad=True)\ny = {op}\ny.sum().backward()\n"
    path = str(tmp_path / "shapes.py")
    session = Session(record_text(path, source, silent=True)[0])
    for text in (
        "upstream(y)",
        "local(y)",
        "numeric(y)",
        "saved(y, 0)",
        "hist(x)",
        "std(x.grad)",
        "max(y)",
        "y.grad_fn",
        "norm(x)",
        "prev(x)",
        "x[0]",
    ):
        found = history(session, parse(text))
        assert len(found.events) == len(found.values) == len(found.changed)
        for at in range(-1, session.length):
            with suppress(WatchProblem):
                evaluate(session, parse(text), at)
