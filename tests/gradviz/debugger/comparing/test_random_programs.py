"""Alignment on random programs: a run with itself, and with one statement more."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.debugger.comparing import RunComparison
from gradviz.debugger.session import Session
from gradviz.recording.event import Kind

from ..conftest import record

OPS = ("{} * {}", "{} + {}", "torch.tanh({})", "{}.exp() * 0.1", "{} - {} * 2", "torch.relu({})")


@st.composite
def programs(draw: st.DrawFn) -> list[str]:
    """A training loop over random ops; the lines of its body."""
    names, body = ["x", "w", "b"], []
    for k in range(draw(st.integers(1, 6))):
        op = draw(st.sampled_from(OPS))
        operands = [draw(st.sampled_from(names)) for _ in range(op.count("{}"))]
        body.append(f"h{k} = {op.format(*operands)}")
        names.append(f"h{k}")
    used = " + ".join(n for n in names if n not in ("x",))
    return [*body, f"loss = ({used}).sum()", "loss.backward()", "with torch.no_grad():", "    w -= 0.01 * w.grad"]


def text(body: list[str]) -> str:
    """The program."""
    head = "import torch\ntorch.manual_seed(1)\nx = torch.randn(3)\nw = torch.randn(3, requires_grad=True)\nb = torch.zeros(3, requires_grad=True)\n"
    return head + "for step in range(3):\n" + "".join(f"    {line}\n" for line in body)


@settings(max_examples=15, deadline=None)
@given(programs(), st.data())
def test_one_statement_more_has_no_partner_and_all_else_keeps_its_own(body: list[str], data: st.DataObject) -> None:
    plain = Session(record(text(body)))
    assert RunComparison(plain, Session(record(text(body)))).same
    place = data.draw(st.integers(0, len(body) - 4))
    more = [*body[:place], "extra = x.detach()", *body[place:]]
    found = RunComparison(plain, Session(record(text(more))))
    to_b, to_a = found.alignment.to_b, found.alignment.to_a
    assert (to_b >= 0).all(), "nothing of A is missing in B"
    assert found.first is None
    assert {e.kind for e in found.extras} <= {Kind.DETACH, Kind.BIND_NAME}
    assert [(e.run, len(e.events)) for e in found.extras if e.kind == Kind.DETACH] == [("B", 3)]
    assert (to_a[to_b] == range(len(to_b))).all()
    kinds_a, kinds_b = found.a.columns.kind, found.b.columns.kind
    assert (kinds_a == kinds_b[to_b]).all()
    assert (to_b[1:] > to_b[:-1]).all(), "the order stays"
    back = RunComparison(found.b, plain)
    assert [(e.run, e.kind, e.events) for e in back.extras] == [("A", e.kind, e.events) for e in found.extras]
