"""Random edits through the real history: undo and redo restore exactly, every state saves and loads equal."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gradviz.document import edits, sharing, wiring
from gradviz.document.file.journal import recover
from gradviz.document.file.text import read, write
from gradviz.document.model import TENSOR, Part, Training, Value, ordered
from gradviz.document.run.inference import infer
from tests.campaigns import share
from ui.editor.desk import Desk

OPS = (
    TENSOR,
    "torch.mul",
    "torch.add",
    "torch.exp",
    "torch.mean",
    "torch.matmul",
    "torch.cat",
    "F.relu",
    "torch.reshape",
    "reroute",
    "torch.max",
    "nn.Linear",
)
VALUES = (
    Value(),
    Value((3,), (1.0, 2.0, 3.0)),
    Value((2, 2), (1.0, -1.0, float("nan"), float("inf")), "float64"),
    Value((2,), (), source="randn", seed=3),
    Value((2,), (), source="uniform", seed=4, ends=(-1.0, 1.0), anew=True),
)
RUNS = share(2000)
anywhere = st.floats(-500, 500)
pick = st.integers(0, 10_000)


class Histories(RuleBasedStateMachine):
    """A desk without a window: the document, the real history, the journal, the file."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.desk = Desk(Path(self._folder.name))
        self.start = write(self.desk.document)
        self.texts = [self.start]  # what stood at each index of the history

    def teardown(self) -> None:
        while self.desk.history.can_undo:
            self.desk.history.undo()
        assert write(self.desk.document) == self.start
        while self.desk.history.can_redo:
            self.desk.history.redo()
        assert write(self.desk.document) == self.texts[len(self.desk.history)]
        self.desk.close()
        self._folder.cleanup()

    def _block(self, number: int) -> str:
        blocks = list(self.desk.document.blocks)
        return blocks[number % len(blocks)]

    def _has_blocks(self) -> bool:
        return bool(self.desk.document.blocks)

    def _did(self) -> None:
        index = self.desk.history.index
        self.texts = [*self.texts[:index], write(self.desk.document)]

    @rule(op=st.sampled_from(OPS), x=anywhere, y=anywhere, value=st.sampled_from(VALUES), grad=st.booleans())
    def add(self, op: str, x: float, y: float, value: Value, grad: bool) -> None:
        made, _ = edits.add(self.desk.document, op, x, y, value=value, requires_grad=grad and op == TENSOR)
        self.desk.do(f"Add {op}", made)
        self._did()

    @precondition(_has_blocks)
    @rule(source=pick, reader=pick, port=st.sampled_from(("input", "other", "tensors.0", "tensors.1")))
    def connect(self, source: int, reader: int, port: str) -> None:
        a, b, document = self._block(source), self._block(reader), self.desk.document
        allowed = not wiring.why_not(document, a, b, port, self.desk.known)
        assert allowed == (wiring.refusals(document, a, [(b, port)], self.desk.known)[(b, port)] == "") or not allowed
        if allowed:
            self.desk.do("Connect", edits.connect(document, a, b, port))
            self._did()

    @precondition(_has_blocks)
    @rule(which=pick, reconnect=st.booleans())
    def remove(self, which: int, reconnect: bool) -> None:
        self.desk.do("Delete", edits.remove(self.desk.document, [self._block(which)], reconnect))
        self._did()

    @precondition(_has_blocks)
    @rule(which=pick, places=st.lists(st.tuples(anywhere, anywhere), min_size=1, max_size=4))
    def drag(self, which: int, places: list[tuple[float, float]]) -> None:
        key, block = self.desk.gesture_key("move"), self._block(which)
        before = len(self.desk.history), self.desk.history.index
        for place in places:
            self.desk.do("Move", edits.move(self.desk.document, {block: place}), key)
        assert len(self.desk.history) == before[1] + 1  # one edit, however often the mouse moved
        self._did()

    @precondition(_has_blocks)
    @rule(
        which=pick,
        value=st.sampled_from(VALUES),
        name=st.sampled_from(("x", "loss", "torch", "t")),
        flag=st.sampled_from(("requires_grad", "muted", "retain_grad")),
    )
    def change(self, which: int, value: Value, name: str, flag: str) -> None:
        block = self._block(which)
        made = edits.toggle(edits.rename(self.desk.document, block, name), [block], flag)
        if made.blocks[block].op == TENSOR:
            made = edits.set_value(made, block, value)
        else:
            made = edits.set_param(made, block, "dim", (1, 2.5, None, "x"))
        if made is not self.desk.document:
            self.desk.do("Change", made)
            self._did()

    @precondition(_has_blocks)
    @rule(which=st.lists(pick, min_size=1, max_size=3), kind=st.sampled_from(("no_grad", "comment")))
    def frame(self, which: list[int], kind: str) -> None:
        members = dict.fromkeys(self._block(w) for w in which)
        self.desk.do("Frame", edits.frame(self.desk.document, kind, "text “∂”", members))
        self._did()

    @precondition(_has_blocks)
    @rule(which=st.lists(pick, min_size=1, max_size=3))
    def duplicate(self, which: list[int]) -> None:
        piece = edits.part(self.desk.document, dict.fromkeys(self._block(w) for w in which))
        self.desk.do("Paste", edits.paste(self.desk.document, piece, 30, 30)[0])
        self._did()

    @rule(epochs=st.integers(1, 50), policy=st.sampled_from(("each", "never", "every")))
    def training(self, epochs: int, policy: str) -> None:
        self.desk.do("Training", edits.set_training(self.desk.document, Training(epochs=epochs, zero_grad=policy)))
        self._did()

    @precondition(_has_blocks)
    @rule(loss=pick, moves=pick, optimizer=st.sampled_from(("", "SGD", "Adam")))
    def another_loss(self, loss: int, moves: int, optimizer: str) -> None:
        plan = self.desk.document.training
        part = Part(self._block(loss), optimizer, {"lr": 0.1} if optimizer else {}, (self._block(moves),))
        others = (*plan.others, part)[-3:]
        self.desk.do("Another loss", edits.set_training(self.desk.document, replace(plan, others=others, moves=(self._block(loss),))))
        self._did()

    @precondition(_has_blocks)
    @rule(number=pick, of=pick)
    def same_weights(self, number: int, of: int) -> None:
        made, before = (self._block(number), self._block(of)), self.desk.history.index
        if self.desk.attempt("Share", lambda: sharing.share(self.desk.document, *made)) and self.desk.document.blocks[made[0]].layer:
            first = self.desk.document.blocks[made[0]].layer
            assert not self.desk.document.blocks[first].layer
        if self.desk.history.index != before:  # what was refused, or changed nothing, is no edit: what was undone can be redone
            self._did()

    @rule()
    def undo(self) -> None:
        self.desk.history.undo()

    @rule()
    def redo(self) -> None:
        self.desk.history.redo()

    @rule()
    def save_and_load(self) -> None:
        path = str(Path(self._folder.name) / "a.gradviz")
        assert self.desk.save(path)
        assert not self.desk.modified
        other = Desk(Path(self._folder.name))
        assert other.open(path)
        assert write(other.document) == write(self.desk.document)
        other.close()

    @invariant()
    def is_valid(self) -> None:
        document = self.desk.document
        assert len(ordered(document)) == len(document.blocks)  # no circle
        assert all(w.source in document.blocks and t in document.blocks for (t, _), w in document.wires.items())
        assert len({b.name for b in document.blocks.values()}) == len(document.blocks)
        assert set(document.blocks) == set(self.desk.known)

    @invariant()
    def what_is_known_is_what_asking_all_gives(self) -> None:
        desk, document = self.desk, self.desk.document
        assert desk.known == infer(document, desk.ran.specs)
        assert desk.broadcasts == wiring.broadcasts(document, desk.known)
        assert desk.survey.troubled == {b for b, known in desk.known.items() if known.problem}
        for block in document.blocks:
            assert document.inputs(block) == {port: wire for (target, port), wire in document.wires.items() if target == block}
            assert sorted(document.users(block)) == sorted(key for key, wire in document.wires.items() if wire.source == block)

    @invariant()
    def history_shows_what_it_says(self) -> None:
        assert write(self.desk.document) == self.texts[self.desk.history.index]

    @invariant()
    def saves_and_loads_equal(self) -> None:
        text = write(self.desk.document)
        opened = read(text.encode())
        assert opened.left_out == ()
        assert write(opened.document) == text

    @invariant()
    def the_journal_has_it(self) -> None:
        journal = self.desk._journal
        if journal is not None:
            assert write(recover(journal.file).document) == write(self.desk.document)


@pytest.mark.usefixtures("qapp")
def test_random_histories() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=RUNS, stateful_step_count=50 if RUNS >= 2000 else 25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
