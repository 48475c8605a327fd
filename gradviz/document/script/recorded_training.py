"""The training of a recorded script, as the panel of trainings has it: read off what happened, and off the text where that says more.

An optimizer's options stand only in the text; a step that the script makes itself (w -= 0.1 * w.grad) is told by its numbers.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...recording.event import Event, Kind
from ...recording.location import GRAD
from ..expression.indexing import AT, INDEX, read_index
from ..model import Document, Param, Part, Training
from ..problem import DocumentProblem
from ..run.training import BY_CLOSURE, BY_LOSS, ROWS, batched, optimizers, schedulers

if TYPE_CHECKING:
    from ...recording.recording import Recording
    from .recorded_batches import Batches


class TrainingReader:
    """Is told the events that belong to a training, in their order."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self.losses: list[tuple[str, int]] = []  # the block that went backward, in which epoch
        self.values: list[int] = []  # the recording's numbers of these losses
        self.others: dict[str, None] = {}  # further blocks that went backward
        self.first_grads: dict[int, int] = {}  # what the first backward left in .grad, by the place of the tensor that has it
        self.moved: set[int] = set()  # the places of what a step has changed
        self.stepped = ""  # the optimizer
        self._optimizers: dict[str, None] = {}  # their names, in the order of their steps
        self._steps: Counter[int] = Counter()  # of each parameter
        self._first_pass = -1
        self._zeroed: list[bool] = []  # whether to None
        self._grads: dict[int, int] = {}  # the value of each .grad, by the place of the tensor that has it
        self._seen: set[int] = set()  # these values
        self._of_grads: set[int] = set()  # tensors that were computed from them: they belong to a step
        self._moved: dict[int, int] = {}  # the value of each parameter after its last step
        self._rates: list[tuple[float, float]] = []  # of steps by hand, and how exactly their numbers tell it
        self._order: Counter[tuple[str, str, int]] = Counter()  # what goes backward and what steps, in the order of the first turn
        self._stepping: dict[tuple[str, int], set[int]] = {}  # the places that an optimizer moves, by its name and the line of its step
        self.other_values: dict[str, list[int]] = {}  # the recording's numbers of the further losses
        self._clipped = False  # something was written into a .grad
        self._strange = False  # a step that is no gradient descent

    def begins(self, block: str, event: Event) -> None:
        """A backward pass begins at a block. Those that begin at the block of the first one are the training."""
        if not self.losses:
            self._first_pass = event.pass_
        self._order["loss", block, 0] += 1
        if self.losses and self.losses[0][0] != block:
            self.others[block] = None
            self.other_values.setdefault(block, []).append(event.reads[0].value)
            return
        self.losses.append((block, event.epoch))
        self.values.append(event.reads[0].value)

    def tell(self, event: Event) -> None:
        """One of the events that `KINDS` names."""
        if event.kind == Kind.ZERO_GRAD:
            self._zeroed.append(event.detail.get("set_to_none") is not False)
        elif event.kind == Kind.OPTIMIZER_STEP:
            name = str(event.detail.get("optimizer") or "SGD")
            self._optimizers[name] = None
            self.stepped = self.stepped or name
            if event.writes:
                self._order["step", name, event.line] += 1
                self._stepping.setdefault((name, event.line), set()).add(event.writes[0].location)
                self.moved.add(event.writes[0].location)
                self._steps[event.writes[0].location] += 1
        elif event.kind == Kind.ACCUMULATE and event.writes:
            self._grads[event.writes[0].location - GRAD] = event.writes[0].value
            self._seen.add(event.writes[0].value)
            if event.pass_ == self._first_pass:
                self.first_grads[event.writes[0].location - GRAD] = event.writes[0].value

    def belongs_to_step(self, event: Event) -> bool:
        """Whether an op computes something from gradients that nothing goes back through."""
        if event.detail.get("grad_fn"):
            return False
        if not any(ref.value in self._seen or ref.location in self._of_grads for ref in event.reads):
            return False
        self._of_grads.update(ref.location for ref in event.writes)
        return True

    def writes_grad(self, event: Event) -> bool:
        """Whether a write in place went into a .grad (clipping, say)."""
        into = any(ref.location - GRAD in self._grads for ref in event.writes)
        self._clipped |= into
        return into

    def moves(self, event: Event, first: int) -> None:
        """A write into a parameter that something was computed from: is it a step of gradient descent, and with which rate?

        Args:
            first: the value that the parameter had first.
        """
        ref = event.writes[0]
        self.moved.add(ref.location)
        old = self._moved.get(ref.location, first)
        self._moved[ref.location] = ref.value
        before, after, grad = (self._recording.array(v) if v >= 0 else None for v in (old, ref.value, self._grads.get(ref.location, -1)))
        if before is None or after is None or grad is None or not before.shape == after.shape == grad.shape:
            self._strange = True
            return
        moved, slope = (before - after).astype(float), grad.astype(float)
        if not slope.any():
            return
        rate = float(np.vdot(moved, slope) / np.vdot(slope, slope))
        near = np.allclose(before - rate * slope, after, rtol=1e-4, atol=1e-6)
        self._strange |= not near
        self._rates += [(rate, 1e-6 * float(np.abs(before).max(initial=0)) / float(np.abs(slope).max()))] if near else []

    @property
    def several(self) -> bool:
        """Whether there are several losses or optimizers."""
        return len(self.losses) > 1 and len(self._order) > 2

    @property
    def turns(self) -> int:
        """How often the loss went backward that did so least often."""
        return min([len(self.losses), *(len(values) for values in self.other_values.values())])

    @property
    def of_steps(self) -> list[int]:
        """The values of the loss, one for each step: the first one where an optimizer calls it several times."""
        epochs = [epoch for _, epoch in self.losses]
        return [v for k, v in enumerate(self.values) if not self.closes or not k or epochs[k] != epochs[k - 1]]

    @property
    def closes(self) -> bool:
        """Whether an optimizer calls the loss itself."""
        return self.stepped == BY_CLOSURE

    def plan(
        self, document: Document, batches: Batches | None, differ: Sequence[str], at: Mapping[int, tuple[str, int]]
    ) -> tuple[Training, list[Said]]:
        """What went backward again and again is a training; and in sentences what of it cannot be had, with the blocks that this is about.

        Args:
            differ: the blocks that had other numbers at each step.
            at: the blocks by the places of their tensors.
        """
        usual = Training()
        if not self.losses:
            return usual, []
        left: list[Said] = []
        plan = replace(usual, loss=self.losses[0][0])
        loss, text = plan.loss, self._recording.source
        if len(self.losses) < 2:
            return plan, self._about_others(document)
        policy = "each" if self._zeroed else "never"
        plan = replace(plan, epochs=len(self.losses), zero_grad=policy, to_none=all(self._zeroed), optimizer=self.stepped)
        several = len(self.losses) // max(self._steps.values()) if self._steps else 1  # backward passes to a step
        if several > 1 and not self.closes:
            plan = replace(plan, zero_grad="accumulate", every=several)
        epochs = len({epoch for _, epoch in self.losses})
        rows = 0 if differ else _sliced(document, plan.loss)
        if batches is not None:
            plan = replace(plan, epochs=batches.epochs, batch=batches.rows)
            left += [(sentence, (loss,)) for sentence in batches.told]
        elif rows and epochs < len(self.losses):
            plan = replace(plan, epochs=epochs, batch=rows)
        elif differ:
            names = ", ".join(document.blocks[b].name for b in differ)
            left.append((f"{names} had other numbers at each step: here those of the first", tuple(differ)))
        elif self.closes:
            plan = replace(plan, epochs=epochs)
        elif 1 < epochs < len(self.losses):
            left.append(("the other batches of the loop: the first one stands for them", (loss,)))
        clip = _clip(text) if self._clipped else 0.0
        plan = replace(plan, clip=clip)
        if self._clipped and not clip:
            left.append(("what the script does to .grad before its steps (clipping, say)", (loss,)))
        if self.several:
            plan, more = self._with_parts(plan, document, at)
            left += more
            plan, told = _scheduled(plan, text)
            left += [(sentence, (loss,)) for sentence in told]
        elif self.stepped:
            options, unknown = _options(text, self.stepped, optimizers().get(self.stepped, {}), "lr")
            plan = replace(plan, options=options)
            left += [(f"{', '.join(unknown)} of {self.stepped}: to be set in the Train tab", (loss,))] if unknown else []
            plan, told = _scheduled(plan, text)
            left += [(sentence, (loss,)) for sentence in told]
        elif (rate := self._rate()) is not None:
            plan = replace(plan, optimizer="SGD", options={"lr": rate})
        elif self._strange or self._rates:
            left.append(("the steps of the parameters: they are no gradient descent with one rate", (loss,)))
        return plan, left

    def _about_others(self, document: Document) -> list[Said]:
        """Further losses: the Train tab has one."""
        others = [b for b in self.others if b in document.blocks]
        if not others:
            return []
        first = document.blocks[self.losses[0][0]].name
        return [
            (
                f"{', '.join(document.blocks[b].name for b in others)} went backward, too: the Train tab has one loss, here {first}",
                tuple(others),
            )
        ]

    def _rate(self) -> float | None:
        """The one rate of steps by hand, told by the step that shows it best; None where there is none, or several."""
        if not self._rates or self._strange:
            return None
        best, _ = min(self._rates, key=lambda rate: rate[1])
        same = all(abs(rate - best) <= 1e-3 * abs(best) + vague for rate, vague in self._rates)
        return float(f"{best:.4g}") if same else None

    def _with_parts(self, plan: Training, document: Document, at: Mapping[int, tuple[str, int]]) -> tuple[Training, list[Said]]:
        """Several losses and optimizers, in the order in which a turn of the loop has them."""
        text, parts, left = self._recording.source, list[Part](), list[Said]()
        ways: dict[str, int] = {}
        for (kind, name, line), count in self._order.items():
            if kind == "loss":
                if name in document.blocks:
                    parts.append(Part(name))
                    ways[name] = count
                continue
            options, unknown = _options(text, name, optimizers().get(name, {}), "lr", line=line)
            moves = {at[place][0] for place in self._stepping[name, line] if place in at}
            made = Part("", name, options, tuple(b for b in document.blocks if b in moves))
            if unknown:
                left.append((f"{', '.join(unknown)} of {name}: to be set in the Train tab", (plan.loss,)))
            if parts and not parts[-1].optimizer:
                made, parts = replace(made, loss=parts[-1].loss), parts[:-1]
            parts.append(made)
        seldom = min(ways.values(), default=1)
        often = [document.blocks[b].name for b, count in ways.items() if count > seldom]
        if often:
            left.append((f"{', '.join(often)} went backward more often than the other losses: here each goes once a step", (plan.loss,)))
            plan = replace(plan, epochs=min(plan.epochs, seldom))
        first = parts[0]
        if len([part for part in parts if part.optimizer]) < 2:
            parts = [replace(part, moves=()) for part in parts]
            first = parts[0]
        plan = replace(plan, optimizer=first.optimizer, options=first.options, moves=first.moves, others=tuple(parts[1:]))
        return plan, left


Said = tuple[str, tuple[str, ...]]  # a sentence, and the blocks that it is about
KINDS = (Kind.ZERO_GRAD, Kind.OPTIMIZER_STEP, Kind.ACCUMULATE)


def _sliced(document: Document, loss: str) -> int:
    """How many rows of the data a step takes where its loop cuts them out, x[0:16]: such a node stands for all batches. 0 where it cuts
    out none, or some that say which rows are taken."""
    data = set(batched(document, loss))
    found: set[int] = set()
    for block in document.blocks.values():
        source = document.wires.get((block.id, "input"))
        if block.op != INDEX or source is None or source.source not in data:
            continue
        if any(port.startswith(f"{AT}.") for _, port in document.users(block.id)):
            return 0
        try:
            index = read_index(block.params.get("index"))
        except DocumentProblem:
            continue
        first = index[0] if isinstance(index, tuple) and index else index
        if isinstance(first, slice) and first.start in (0, None) and first.stop and first.step is None:
            value = document.blocks[source.source].value
            if value is not None and first.stop < value.shape[0]:
                found.add(int(first.stop))
    return found.pop() if len(found) == 1 else 0


def _clip(text: str) -> float:
    """To which length the script clips all gradients; 0 where it does something else to them."""
    calls = [call for call in _calls(text) if _last(call.func).startswith("clip_grad_")]
    if not calls or {_last(call.func) for call in calls} != {"clip_grad_norm_"}:
        return 0.0
    constants = _constants(text)
    given = [next((k.value for k in c.keywords if k.arg == "max_norm"), c.args[1] if len(c.args) > 1 else None) for c in calls]
    lengths = {_number(node, constants) for node in given if node is not None}
    value = lengths.pop() if len(lengths) == 1 and len(given) == len(calls) else None
    plain = all(len(c.args) <= 2 and {k.arg for k in c.keywords} <= {"max_norm", "parameters"} for c in calls)
    return float(value) if plain and isinstance(value, (int, float)) and value > 0 else 0.0


def _scheduled(plan: Training, text: str) -> tuple[Training, list[str]]:
    known = schedulers()
    name = next((n for call in _calls(text) if (n := _last(call.func)) in known), "")
    if not name:
        return plan, []
    options, unknown = _options(text, name, known[name], *known[name])
    left = [f"{', '.join(unknown)} of {name}: to be set in the Train tab"] if unknown else []
    left += [f"{name} looks at the loss of each epoch's last step here"] if name == BY_LOSS else []
    return replace(plan, scheduler=name, scheduler_options=options), left


def _options(text: str, name: str, known: Mapping[str, Param], *placed: str, line: int = 0) -> tuple[dict[str, Param], list[str]]:
    """What the script gives to an optimizer or a scheduler, and what of that nobody can read off it.

    Args:
        placed: what may be given without a name, after the first argument.
        line: of its step: several have one name.
    """
    call = _made_for(text, name, line) or next((c for c in _calls(text) if _last(c.func) == name), None)
    if call is None:
        return {}, ["the options"]
    constants = _constants(text)
    given = [*zip(placed, call.args[1:], strict=False), *((k.arg or "the options", k.value) for k in call.keywords)]
    options: dict[str, Param] = {}
    unknown = ["the options"] if len(call.args) - 1 > len(placed) else []
    for option, node in given:
        value = _number(node, constants)
        if (option in known or option in ROWS) and value is not None:
            options[option] = value
        elif option not in ("params", "optimizer"):
            unknown.append(option)
    return options, unknown


def _calls(text: str) -> list[ast.Call]:
    try:
        return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _made_for(text: str, name: str, line: int) -> ast.Call | None:
    """The call that made the optimizer that steps on a line."""
    if not line:
        return None
    steps = (c.func for c in _calls(text) if c.lineno == line and isinstance(c.func, ast.Attribute) and c.func.attr == "step")
    holders = {ast.unparse(step.value) for step in steps}
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Assign):
            continue
        pairs = [(target, node.value) for target in node.targets]
        for target, value in list(pairs):
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs += zip(target.elts, value.elts, strict=False)
        for target, value in pairs:
            if ast.unparse(target) in holders and isinstance(value, ast.Call) and _last(value.func) == name:
                return value
    return None


def _last(node: ast.expr) -> str:
    """torch.optim.SGD is SGD."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _constants(text: str) -> dict[str, Any]:
    """The variables that hold one number throughout."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return {name: values[0].value for name, values in found.items() if len(values) == 1 and isinstance(values[0], ast.Constant)}


def _number(node: ast.expr, constants: Mapping[str, Any]) -> Param:
    """A number or a word that stands in the text, or several numbers: betas=(0.5, 0.999)."""
    if isinstance(node, (ast.Tuple, ast.List)):
        row = tuple(_number(one, constants) for one in node.elts)
        return None if None in row else row
    value = constants.get(node.id) if isinstance(node, ast.Name) else node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, (bool, int, float, str)) else None
