"""Questions in words: who wrote, who read, why, why not, where from."""

from __future__ import annotations

import pytest

from gradviz.debugger.questions import ask, asked_of
from gradviz.debugger.questions.slices import parse_element
from gradviz.debugger.session import Session
from tests.gradviz.debugger.conftest import record

from .test_provenance import at_end, node

SCRIPT = """import torch
x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
b = torch.tensor([10.0, 20.0, 30.0])
y = x + b
z = y * 2
loss = z.sum()
loss.backward()
"""


@pytest.fixture(scope="module")
def session() -> Session:
    return at_end(SCRIPT)


def lines(session: Session, events: tuple[tuple[int, str], ...]) -> list[int]:
    return [session.recording.event(event).line for event, _ in events]


def test_why_names_the_operands_of_one_element_through_a_broadcast(session: Session) -> None:
    found = ask(session, node(session, "y"), "why", "1, 2")
    assert found.sentence == "y[1, 2] = 36: x + b with x[1, 2] = 6, b[2] = 30."
    assert set(found.nodes) == {node(session, name) for name in ("x", "b", "y")}


def test_why_of_a_whole_value_lists_all_that_it_came_from(session: Session) -> None:
    found = ask(session, node(session, "loss"), "why")
    assert found.sentence.startswith("loss = 282: z.sum() with z = ")
    assert sorted(lines(session, found.events)) == [2, 3, 4, 5]


def test_who_wrote_says_line_and_event(session: Session) -> None:
    found = ask(session, node(session, "z"), "wrote")
    assert "line 5" in found.sentence
    assert lines(session, found.events) == [5]


def test_who_read_counts_forward_and_backward_readers() -> None:
    session = at_end("import torch\nx = torch.ones(2, requires_grad=True)\ny = x.exp()\nz = y * 3\nw = y + 1\nz.sum().backward()\n")
    found = ask(session, node(session, "y"), "read")
    assert {4, 5} <= set(lines(session, found.events))
    assert {node(session, "z"), node(session, "w")} <= set(found.nodes)


def test_why_not_lights_the_cut() -> None:
    session = at_end(
        "import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\nd = y.detach()\nw = torch.ones(2, requires_grad=True)\n(d * w).sum().backward()\n"
    )
    found = ask(session, node(session, "x"), "why_not")
    assert "detach()" in found.sentence
    assert found.edges == ((node(session, "y"), node(session, "d")),)
    assert lines(session, found.events) == [4]


def test_nan_is_followed_back_to_where_it_was_born() -> None:
    session = at_end(
        "import torch\nx = torch.tensor([-1.0, 4.0], requires_grad=True)\na = x + 0\ny = a.log()\nz = y * 2\nz.sum().backward()\n"
    )
    found = ask(session, node(session, "z"), "nan")
    assert session.recording.event(found.events[-1][0]).line == 4
    assert "log" in found.sentence


def test_nan_of_a_gradient_names_the_branch_that_was_masked() -> None:
    source = "import torch\nx = torch.tensor([0.0, 4.0], requires_grad=True)\ny = torch.where(x > 0, x.sqrt(), torch.zeros(2))\ny.sum().backward()\n"
    session = at_end(source)
    found = ask(session, node(session, "x"), "nan")
    born, hidden = (session.recording.event(row) for row, _ in found.events[-2:])
    assert born.kind.name in ("VJP", "DELIVER")
    assert hidden.detail["op"] == "where"
    assert hidden.site in found.nodes
    assert "0 x inf = nan" in found.sentence
    assert "SqrtBackward0" in found.sentence and "where of line 3" in found.sentence


def test_only_questions_that_make_sense_are_offered(session: Session) -> None:
    offered = asked_of(session, node(session, "x"))
    assert "parts" in offered and "why" not in offered and "why_not" not in offered and "nan" not in offered
    session.to_start()
    assert asked_of(session, node(session, "x")) == ("why_not",)
    session.to_end()


@pytest.mark.parametrize(("text", "element"), [("", None), ("1, 0", (1, 0)), ("[1,2]", (1, 2)), ("-1, -1", (1, 2))])
def test_elements_are_typed_as_people_write_them(text: str, element: tuple[int, ...] | None) -> None:
    assert parse_element(text, (2, 3)) == element


@pytest.mark.parametrize("text", ["x", "5, 0", "1", "1, 2, 3"])
def test_wrong_elements_are_explained(text: str) -> None:
    with pytest.raises(ValueError, match=r"element|named"):
        parse_element(text, (2, 3))


def test_a_product_reads_a_row_and_a_column() -> None:
    session = at_end("import torch\na = torch.arange(4.0).reshape(2, 2)\nb = torch.zeros(2, 2)\nc = a @ b\n")
    found = ask(session, node(session, "c"), "why", "1, 0")
    assert found.sentence == "c[1, 0] = 0: a @ b with a[1, :] = [2, 3], b[:, 0] = [0, 0]."


@pytest.mark.parametrize(
    ("line", "element", "words"),
    [
        ("y = a.T", "2, 0", "a[0, 2] = 3"),
        ("y = a.sum(0)", "1", "a[:, 1] = [2, 5]"),
        ("y = a.mean(dim=1)", "1", "a[1, :] = [4, 5, 6]"),
        ("y = a[1]", "0", "a[1, 0] = 4"),
        ("y = a.reshape(3, 2)", "1, 1", "a[1, 0] = 4"),
        ("y = torch.cat([a, b])", "3, 2", "b[1, 2] = 0.5"),
        ("y = torch.stack([a, b])", "1, 0, 1", "b[0, 1] = 0.5"),
        ("y = a.max(dim=1).values", "0", "a[0, 2] = 3"),
        ("y = a.cumsum(1)", "1, 1", "a[1, 0:2] = [4, 5]"),
        ("y = torch.softmax(a, dim=1)", "0, 0", "a[0, :] = [1, 2, 3]"),
        ("y = a + torch.tensor([1.0, 2.0, 3.0])", "0, 1", "a[0, 1] = 2, tensor[1] = 2"),
        ("y = torch.nn.functional.linear(a, b)", "0, 1", "a[0, :] = [1, 2, 3], b.t()[:, 1] = [0.5, 0.5, 0.5]"),
    ],
)
@pytest.mark.parametrize("tracked", [False, True])
def test_an_element_is_followed_through_every_kind_of_op(line: str, element: str, words: str, tracked: bool) -> None:
    flag = ", requires_grad=True" if tracked else ""
    session = at_end(f"import torch\na = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]{flag})\nb = torch.full((2, 3), 0.5)\n{line}\n")
    assert ask(session, node(session, "y"), "why", element).sentence.endswith(f"with {words}.")


def test_the_slice_of_an_element_goes_back_to_the_leaves_and_leaves_out_the_rest() -> None:
    session = at_end(
        "import torch\nx = torch.tensor([[1.0, 2.0], [3.0, 4.0]])\nother = torch.ones(2, 2)\ny = x * 2\nz = torch.cat([y.sum(0), other.sum(1)])\n"
    )
    found = ask(session, node(session, "z"), "why", "1")
    assert node(session, "other") not in found.nodes
    assert [words for _, words in found.events] == ["line 5: y.sum(dim=0)[1] = 12", "line 4: y[:, 1] = [4, 8]", "line 2: x[:, 1] = [2, 4]"]


def test_every_question_has_an_answer_at_every_moment() -> None:
    session = Session(record(SCRIPT))
    for row in range(-1, session.length, 3):
        session.seek(row)
        for found in session.graph().nodes:
            for question in asked_of(session, found.id):
                assert len(ask(session, found.id, question).sentence) > 8


TWO = """import torch
w = torch.tensor([0.0, 2.0, 0.0], requires_grad=True)
m = torch.tensor([1.0, 1.0, 0.0])
h = w * m
a = (h * h).sqrt()
k = 2 * w
b = k.log() * torch.tensor([0.0, 1.0, 1.0])
loss = a.sum() + b.sum()
loss.backward()
"""


def test_a_nan_of_two_branches_names_both_origins_and_gives_a_tree() -> None:
    session = at_end(TWO)
    found = ask(session, node(session, "w"), "nan")
    assert found.sentence.startswith("It comes from 2 places, none of which follows from another: (1) LogBackward0 of line 7")
    assert "(2) SqrtBackward0 of line 5" in found.sentence and "1 x inf = inf" in found.sentence
    words = [text for _, text in found.events]
    trunk = [text for text in words if not text.startswith("(")]
    assert trunk and words[: len(trunk)] == trunk
    ends = {
        number: next(row for row, text in reversed(found.events) if text.startswith(f"({number})") and "fires" in text) for number in (1, 2)
    }
    recording = session.recording
    assert [recording.sites[recording.event(ends[number]).site].line for number in (1, 2)] == [7, 5]
    assert {node(session, "a"), node(session, "h"), node(session, "k")} <= set(found.nodes)


def test_a_nan_of_two_elements_names_both_also_where_one_went_through_the_other() -> None:
    session = at_end(
        "import torch\np = torch.tensor([0.0, 4.0, 1.0])\nq = torch.tensor([4.0, 0.0, 1.0])\na = p / p\nb = (a * q).log()\nc = b + torch.ones(2, 3)\n"
    )
    found = ask(session, node(session, "c"), "nan")
    assert "2 places" in found.sentence and "(1) line 4" in found.sentence and "(2) line 5" in found.sentence
    alone = ask(session, node(session, "a"), "nan")
    assert "line 4" in alone.sentence and "line 5" not in alone.sentence


def test_what_only_follows_from_a_nan_is_no_other_origin() -> None:
    session = at_end("import torch\nx = torch.tensor([0.0, 1.0])\ny = x.log()\nz = y * 0\nu = z.sum() * torch.ones(2)\n")
    found = ask(session, node(session, "u"), "nan")
    assert "log" in found.sentence and "places" not in found.sentence
    assert session.recording.event(found.events[-1][0]).line == 3


def test_a_nan_in_a_parameter_is_followed_through_the_writes_in_place_and_the_gradients_that_they_took() -> None:
    session = at_end(
        "import torch\nw = torch.tensor([2.0, 0.0], requires_grad=True)\nfor step in range(4):\n    loss = (w * 50).sigmoid().log().sum() + (w[1] ** 2).sqrt()\n"
        "    loss.backward()\n    with torch.no_grad():\n        w -= 0.5 * w.grad\n    w.grad.zero_()\n"
    )
    found = ask(session, node(session, "w"), "nan")
    assert "out of SqrtBackward0 (line 4), from finite numbers" in found.sentence
    assert [line for line in lines(session, found.events) if line == 7] == [7] * 5  # four writes, and 0.5 * w.grad in the first step


def test_an_optimizer_that_leaves_a_parameter_alone_has_not_written_it() -> None:
    source = (
        "import torch\nw = torch.ones(2, requires_grad=True)\nb = torch.ones(2, requires_grad=True)\noptimizer = torch.optim.Adam([w, b])\n"
        "for step in range(2):\n    w.sum().backward()\n    optimizer.step()\n"
    )
    found = at_end(source)
    assert "It is written" not in ask(found, node(found, "b"), "wrote").sentence
    assert "It is written 3 times" in ask(found, node(found, "w"), "wrote").sentence


def test_why_not_says_where_a_number_was_taken_out_and_which_dtypes_have_none() -> None:
    source = (
        "import torch\nscale = torch.ones(1, requires_grad=True)\nw = torch.ones(1, 2, requires_grad=True)\ntarget = torch.tensor([1])\n"
        "loss = torch.nn.functional.cross_entropy(w * scale.item(), target)\nloss.backward()\n"
    )
    found = at_end(source)
    assert (
        ask(found, node(found, "scale"), "why_not").sentence
        == "scale gets no gradient: loss was not computed from it. Line 5 takes its number out of the graph."
    )
    assert (
        ask(found, node(found, "target"), "why_not").sentence
        == "target gets no gradient: its dtype is int64, and only floating point numbers have gradients."
    )


def test_leaves_without_a_name_are_not_taken_for_each_other() -> None:
    source = (
        "import torch\nw = torch.ones(2, requires_grad=True)\nx = torch.ones(2) * 2\nloss = (w * torch.ones(2)).sum()\nloss.backward()\n"
    )
    found = at_end(source)
    first = next(n.id for n in found.graph().nodes if n.title == "tensor" and n.line == 3)
    assert ask(found, first, "why_not").sentence == "tensor gets no gradient: loss was not computed from it."


def test_why_of_a_norm_of_gradients_leads_to_the_pass_and_of_a_product_to_the_step() -> None:
    source = (
        "import torch\nw = torch.ones(2, requires_grad=True)\noptimizer = torch.optim.SGD([w], lr=0.1)\n"
        "(w * w).sum().backward()\noptimizer.step()\nsize = w.grad.norm()\nh = w * 3\n"
    )
    found = at_end(source)
    assert lines(found, ask(found, node(found, "size"), "why").events) == [4]
    assert lines(found, ask(found, node(found, "h"), "why").events) == [5]


def test_a_nan_that_was_handed_on_for_long_is_led_back_to_the_first_of_the_run() -> None:
    source = "import torch\nx = torch.zeros(2)\nh = x / x\nfor k in range(2100):\n    h = h + 1\nlast = h * 2\n"
    found = at_end(source)
    answer = ask(found, node(found, "last"), "nan")
    assert answer.sentence.startswith("It has been handed on for more than 2,000 events. The first of the run: ")
    assert "(line 3)" in answer.sentence
    assert node(found, "last") in answer.nodes


def test_targets_and_indices_are_read_as_settings() -> None:
    session = at_end(
        "import torch\nscores = torch.ones(4, 3, requires_grad=True)\nlabels = torch.tensor([0, 1, 2, 0])\nchosen = torch.tensor([0, 2])\nunused = torch.tensor([0, 2])\n"
        "def loss_of(out, target):\n    return torch.nn.functional.cross_entropy(out, target)\n"
        "loss = loss_of(scores, labels) + scores[chosen].sum()\nloss.backward()\n"
    )
    found = ask(session, node(session, "labels"), "read")
    assert found.sentence.startswith("nll_loss of line 7 takes it for an index, a mask or a target")
    assert lines(session, found.events) == [7]
    assert {session.recording.sites[site].op for site in found.nodes} == {"tensor", "nll_loss"}
    assert ask(session, node(session, "chosen"), "read").sentence.startswith("index of line 8 takes it")
    assert ask(session, node(session, "unused"), "read").sentence == "Nothing reads unused."


TWO_PASSES = """import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
z = torch.tensor([3.0, 4.0])
made = w * z
cut = made.detach()
(w * 2).sum().backward()
(cut * w + w).sum().backward()
"""


def test_paths_to_a_leaf_begin_with_what_stood_in_its_grad() -> None:
    session = at_end(TWO_PASSES)
    found = ask(session, node(session, "w"), "paths")
    assert found.sentence == "w.grad is [6, 11] = [2, 2] + [1, 1] + [3, 8]: what stood there before, and 2 paths."
    assert found.parts[0].label == "stood in .grad before"
    assert sum(part.array for part in found.parts).tolist() == [6, 11]


def test_why_a_result_got_no_gradient_names_the_cut_when_backward_is_over() -> None:
    session = at_end(TWO_PASSES)
    found = ask(session, node(session, "made"), "why_not")
    assert found.sentence == "made gets no gradient: the way back stops before cut (line 5), because detach() leaves the history behind."
    assert found.edges == ((node(session, "made"), node(session, "cut")),)
    assert ask(session, node(session, "z"), "why_not").sentence == "z gets no gradient: its requires_grad is False (line 3)."
    session.seek(next(e.index for e in session.recording if e.line == 6))
    assert ask(session, node(session, "made"), "why_not").sentence == "made: no gradient: no cotangent has arrived yet."
