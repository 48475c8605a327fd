"""Training a document: epochs of forward, backward, step and zero_grad, by batches and with a scheduler.

One epoch at a time, so that a window stays awake.
"""

from __future__ import annotations

import inspect
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from math import sqrt
from typing import Any

import numpy as np

from ..model import LARGEST, Document, Param, Value
from ..problem import DocumentProblem
from ..wires import links, reach
from .evaluate import Run, unwarned
from .parts import losses, moved, passes
from .room import limited

Array = np.ndarray[Any, Any]
TOLD = 200  # epochs of which the layers' gradients are told
ROWS = ("betas", "milestones", "etas", "step_sizes")  # options of several numbers
_WORTH_A_PLAN = 20  # epochs; making a plan takes as long as some


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch gave.

    Attributes:
        loss: before the step; the mean over its batches.
        grads: each leaf's `.grad` as the last backward left it.
        norms: of each layer the length of the gradient of all its parameters, in the first epochs.
        rate: with which the optimizer went, where a scheduler changes it.
        others: the further losses of its steps, by their blocks.
    """

    number: int
    loss: float
    grads: dict[str, Array] = field(default_factory=dict)
    norms: dict[str, float] = field(default_factory=dict)
    rate: float | None = None
    others: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Step:
    """What one step gave."""

    loss: float
    grads: dict[str, Array]
    others: dict[str, float] = field(default_factory=dict)


@cache
def optimizers() -> dict[str, dict[str, Param]]:
    """torch.optim's optimizers with their options, read off their signatures."""
    from engine import optim
    from engine.optim.optimizer import Optimizer

    made: dict[str, dict[str, Param]] = {}
    for name, cls in sorted(vars(optim).items()):
        if inspect.isclass(cls) and issubclass(cls, Optimizer) and cls is not Optimizer:
            options: dict[str, Param] = {}
            for p in list(inspect.signature(cls).parameters.values())[1:]:
                if isinstance(p.default, (bool, int, float)) and p.name not in (
                    "foreach",
                    "maximize",
                    "capturable",
                    "differentiable",
                    "fused",
                ):
                    options[p.name] = p.default
            made[name] = options
    made[BY_CLOSURE] |= {"max_eval": None, "line_search_fn": None}
    return made


BY_CLOSURE = "LBFGS"  # the optimizer that calls the loss itself, several times a step
BY_LOSS = "ReduceLROnPlateau"  # the scheduler that looks at the loss
BY_STEPS = ("CyclicLR", "OneCycleLR")  # those that go on with each batch
_RATE_OPTIONS = {"step_size": 10, "gamma": 0.9, "T_max": 20, "T_0": 10, "total_iters": 10}  # required ones, with usual values


@cache
def schedulers() -> dict[str, dict[str, Param]]:
    """torch.optim.lr_scheduler's schedulers whose options are numbers, with them."""
    from engine.optim import lr_scheduler

    made: dict[str, dict[str, Param]] = {}
    for name, cls in sorted(vars(lr_scheduler).items()):
        if not inspect.isclass(cls) or name.startswith("_") or name in ("LRScheduler", "ChainedScheduler", *BY_STEPS):
            continue
        parameters = list(inspect.signature(cls).parameters.values())[1:]
        required = [p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
        if all(name in _RATE_OPTIONS for name in required):
            numbers = {p.name: p.default for p in parameters if isinstance(p.default, int | float) and p.name != "last_epoch"}
            made[name] = {**{option: _RATE_OPTIONS[option] for option in required}, **numbers}
    return made


def check_options(name: str, given: Mapping[str, Param], known: Mapping[str, Param]) -> None:
    """Refuse an option that an optimizer or a scheduler does not have, or that has to be a number and is none.

    Raises:
        DocumentProblem: with what there is.
    """
    for option in given:
        if option not in known and known and option not in ROWS:
            near = ["lr"] if "rate" in option and "lr" in known else get_close_matches(option, known, 1)
            there = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}"
            raise DocumentProblem(f"{name} has no option {option}: {there}")
    _check_numbers(given, known)


def _check_numbers(given: Mapping[str, Param], known: Mapping[str, Param]) -> None:
    for option, value in given.items():
        if option not in ROWS and isinstance(value, (str, tuple)) and isinstance(known.get(option, 0.0), (int, float)):
            raise DocumentProblem(f"{option} has to be a number; “{value}” is none")


def batched(document: Document, loss: str) -> tuple[str, ...]:
    """The tensors that a training by batches cuts into rows: of those that the loss reads and that do not require grad the longest."""
    read = reach(losses(document, loss), links(document.wires).sources) if loss in document.blocks else document.blocks.keys()
    leaves = (b for b in document.blocks.values() if b.id in read and not b.requires_grad)
    data = {b.id: b.value.shape[0] for b in leaves if b.value is not None and b.value.shape and not b.value.each_step}
    longest = max(data.values(), default=0)
    return tuple(block for block, rows in data.items() if rows == longest and longest > 1)


def is_beside(document: Document, data: Sequence[str], block_id: str) -> bool:
    """Whether a tensor that each step draws anew has a row for each row of the data: then it has as many as a batch."""
    value, whole = document.blocks[block_id].value, document.blocks[data[0]].value
    return value is not None and whole is not None and value.each_step and value.shape[:1] == whole.shape[:1]


def _number(loss: Array) -> float:
    return float(loss) if loss.size == 1 else float(loss.sum())


def _lengths(slopes: Mapping[str, Sequence[Any]]) -> dict[str, float]:
    """The length of all gradients of each layer together."""
    return {b: sqrt(sum(float(np.vdot(g._data, g._data).real) for g in some)) for b, some in slopes.items()}


def _forget(parameters: Iterable[Any], to_none: bool) -> None:
    """What optimizer.zero_grad() does."""
    for parameter in parameters:
        if parameter.grad is None:
            continue
        if to_none:
            parameter.grad = None
        else:
            parameter.grad.zero_()


def _value_of(array: Array) -> Value:
    return Value(tuple(array.shape), tuple(map(float, array.reshape(-1).tolist())), str(array.dtype))


class Trainer:
    """A document being trained.

    Raises:
        DocumentProblem: nothing can be trained, or the optimizer does not take its options.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        from engine.nn.utils.clip_grad import clip_grad_norm_

        with limited():
            self.run = Run(document)
            results = self.run.forward()
        self.loss = self.run.loss_of(results)
        self._check(document.training.loss or self.loss)
        if not self.loss:
            raise DocumentProblem("nothing requires grad: give a tensor requires_grad (R), and compute something from it")
        self._parts = document.training.parts
        self._moved = [moved(document, part) for part in self._parts]
        self._check_parts()
        self._optimizers = [self._optimizer(k) for k in range(len(self._parts))]
        self.optimizer = next((o for o in self._optimizers if o is not None), None)
        self._schedulers = [s for o in self._optimizers if o is not None and (s := self._scheduler(o)) is not None]
        self._passes = passes(document, self.loss) if document.training.others else []
        self._clip = clip_grad_norm_
        self._anew = any(b.value is not None and b.value.each_step for b in document.blocks.values())
        self._stream: Any = None  # the random numbers that come next
        self._draws = self.run.draws or document.training.shuffle  # whether a step may draw some
        self.data = batched(document, self.loss) if document.training.batch else ()
        self._beside = [b for b in self.run.leaves if self.data and is_beside(document, self.data, b)]
        self._steps = 0
        self._norms: dict[str, float] = {}  # of the last step
        self.replayed = 0  # epochs that a plan computed: the same bits in a fraction of the time

    def _check(self, loss: str) -> None:
        """Refuse a loss that is not computed; what is wrong with nodes that it does not read is no matter."""
        found = links(self.document.wires)
        read = reach((loss,), found.sources) if loss else self.document.blocks.keys()
        for block, text in self.run.problems.items():
            if block in read:
                raise DocumentProblem(f"{self.document.blocks[block].name}: {text}")

    def _check_parts(self) -> None:
        """Refuse what several losses or optimizers cannot do together."""
        blocks, names = self.document.blocks, [part.optimizer for part in self._parts]
        if BY_CLOSURE in names and len(self._parts) > 1:
            raise DocumentProblem(f"{BY_CLOSURE} calls its loss itself, several times a step: it is for one loss and one optimizer")
        for k, part in enumerate(self._parts):
            if part.loss and k:
                self._check(part.loss)
            if part.optimizer and not self._moved[k]:
                why = "say what the other optimizers move" if len(self._parts) > 1 else "name tensors that require grad, or layers"
                raise DocumentProblem(f"nothing is left for {part.optimizer} to move: {why}")
            if part.optimizer and part.optimizer not in optimizers():
                raise DocumentProblem(f"torch.optim has no {part.optimizer}")
            _check_numbers(part.options, optimizers().get(part.optimizer, {}))
        twice = Counter(b for k, name in enumerate(names) if name for b in self._moved[k])
        for block, count in twice.items():
            if count > 1:
                raise DocumentProblem(f"two optimizers move {blocks[block].name}: say at each of them what it moves")

    def _optimizer(self, k: int) -> Any:
        from engine import optim

        wanted = self._parts[k]
        if not wanted.optimizer:
            return None
        try:
            return getattr(optim, wanted.optimizer)(self.run.parameters(self._moved[k]), **wanted.options)
        except Exception as problem:  # torch's words about an option
            raise DocumentProblem(f"{wanted.optimizer}: {problem}") from None

    def _scheduler(self, optimizer: Any) -> Any:
        from engine.optim import lr_scheduler

        wanted = self.document.training
        if not wanted.scheduler:
            return None
        try:
            return getattr(lr_scheduler, wanted.scheduler)(optimizer, **wanted.scheduler_options)
        except Exception as problem:  # torch's words about an option, or a name that it does not have
            raise DocumentProblem(f"{wanted.scheduler}: {problem}") from None

    def _batches(self) -> Iterator[dict[str, Any]]:
        """What stands for the data at each step of an epoch; nothing where all rows are taken at once."""
        size = self.document.training.batch
        if not size or not self.data:
            yield {}
            return
        from engine.creation.sampling import randperm

        rows = len(self.run.leaves[self.data[0]]._data)
        shuffled: Any = randperm(rows) if self.document.training.shuffle else None
        for start in range(0, rows, size):
            taken = slice(start, start + size) if shuffled is None else shuffled[start : start + size]
            yield {block: self.run.leaves[block][taken] for block in self.data}

    def epochs(self) -> Iterator[Epoch]:
        """Train, an epoch at a time.

        Raises:
            DocumentProblem: an epoch failed.
        """
        alike = self._replayed() if self._all_steps_alike() else iter(())
        done = 0
        for epoch in alike:
            done = epoch.number
            yield epoch
        for number in range(done + 1, self.document.training.epochs + 1):
            rate = self._rate()
            with self._own_numbers(), self._in_room(number):
                steps = [self._step(number, batch) for batch in self._batches()]
            self._slow_down(number, steps[-1].loss)
            others = {b: sum(step.others[b] for step in steps) / len(steps) for b in steps[0].others}
            yield Epoch(number, sum(step.loss for step in steps) / len(steps), steps[-1].grads, self._norms, rate, others)

    def _rate(self) -> float | None:
        """The rate of the next step, where a scheduler changes it."""
        return float(self.optimizer.param_groups[0]["lr"]) if self._schedulers and self.optimizer is not None else None

    def _slow_down(self, number: int, loss: float) -> None:
        told = (loss,) if self.document.training.scheduler == BY_LOSS else ()
        try:
            with warnings.catch_warnings():  # PyTorch warns where an optimizer waits for further passes
                warnings.simplefilter("ignore")
                for scheduler in self._schedulers:
                    scheduler.step(*told)
        except Exception as problem:  # of options that cannot be: a step_size of 0
            words = str(problem) or type(problem).__name__
            raise DocumentProblem(f"epoch {number}: {self.document.training.scheduler}: {words}") from None

    @contextmanager
    def _own_numbers(self) -> Iterator[None]:
        """With the random numbers of the training, which go on from epoch to epoch: between two of them the window runs graphs, too."""
        from engine import random

        if not self._draws:
            yield
            return
        outer, begins = random.get_rng_state(), self._stream
        random.manual_seed(0) if begins is None else random.set_rng_state(begins)
        begins = random.get_rng_state() if begins is None else begins
        try:
            yield
        finally:
            self._stream = random.get_rng_state()
            random.set_rng_state(outer)
            self._draws = self._stream._data.tobytes() != begins._data.tobytes()  # most layers draw nothing: then it costs nothing more

    @contextmanager
    def _in_room(self, number: int) -> Iterator[None]:
        """Within the memory that a graph may take: the first epoch takes all that the others will."""
        try:
            with limited() if number == 1 else nullcontext():
                yield
        except MemoryError as problem:
            raise DocumentProblem(f"epoch {number}: {problem or 'it needs more memory than a graph may take'}") from None

    def _all_steps_alike(self) -> bool:
        """Whether each epoch is one step that does what the one before did, and there are enough of them for a plan to pay."""
        plan = self.document.training
        each = plan.zero_grad not in ("every", "accumulate") or plan.every <= 1
        plain = not plan.others and not self._anew and plan.optimizer != BY_CLOSURE
        return plan.epochs > _WORTH_A_PLAN and not (plan.batch and self.data) and plain and each

    def _replayed(self) -> Iterator[Epoch]:
        """As many epochs as a plan can compute: the first three by the engine, the rest by replaying them.

        Ends where the step has no plan, or the plan does not fit any more: then the engine goes on.
        """
        from engine.plan.plan import Plan

        whose: list[str] = []
        first: list[Epoch] = []
        layered: list[tuple[str, int]] = []  # the layers, and how many gradients each has

        def step() -> tuple[Any, ...]:
            number, rate = len(first) + 1, self._rate()
            loss, grads = self._forth_and_back(number, {})
            whose[:] = grads
            slopes = self._slopes()
            layered[:] = [(b, len(some)) for b, some in slopes.items()]
            told = {b: grad._data.copy() for b, grad in grads.items()}
            first.append(Epoch(number, _number(loss._data), told, _lengths(slopes), rate))
            left = [*grads.values(), *(t for some in slopes.values() for t in some)]
            if self.document.training.clip or not self.document.training.to_none:  # which write over them
                left = [grad.clone() for grad in left]
            self._move()
            self._slow_down(number, first[-1].loss)
            return loss, *left

        with unwarned(), self._own_numbers(), self._in_room(1):
            plan = Plan.of(step, changing=bool(self._schedulers))
        yield from first
        while plan is not None and self._steps < self.document.training.epochs:
            rate = self._rate()
            with unwarned(), self._own_numbers():
                made = plan.run()
            if made is False:
                return
            self._steps += 1
            self.replayed += 1
            ends, slopes = len(whose) + 1, iter(made[len(whose) + 1 :])
            norms = _lengths({b: [next(slopes) for _ in range(n)] for b, n in layered}) if self._steps <= TOLD else {}
            loss, told = _number(made[0]._data), {b: grad._data for b, grad in zip(whose, made[1:ends], strict=True)}
            self._slow_down(self._steps, loss)
            yield Epoch(self._steps, loss, told, norms, rate)

    def _step(self, number: int, batch: dict[str, Any]) -> _Step:
        """Forward, backward, step and clear, once; with each leaf's `.grad` as backward left it."""
        if self._anew:
            rows = {b: len(batch[self.data[0]]._data) for b in self._beside} if batch else {}
            batch = {**batch, **self.run.drawn_anew(rows)}
        if self._passes:
            return self._turn(number, batch)
        if self._parts[0].optimizer == BY_CLOSURE:
            return self._called(number, batch)
        loss, grads = self._forth_and_back(number, batch)
        told = _Step(_number(loss._data), {b: grad._data.copy() for b, grad in grads.items()})
        self._norms = _lengths(self._slopes()) if number <= TOLD else {}
        self._move()
        return told

    def _called(self, number: int, batch: dict[str, Any]) -> _Step:
        """A step of an optimizer that calls the loss itself. What is told is the loss at its beginning, and the gradients at its end."""
        grads: dict[str, Any] = {}
        assert self.optimizer is not None  # the caller looked

        def closure() -> Any:
            _forget(self.run.parameters(), self.document.training.to_none)
            loss, found = self._forth_and_back(number, batch)
            grads.clear()
            grads.update(found)
            return loss

        try:
            with unwarned():
                first = self.optimizer.step(closure)
        except (RuntimeError, ValueError, TypeError) as problem:  # torch's words: a loss of several numbers, say
            raise DocumentProblem(f"epoch {number}: {BY_CLOSURE}: {problem}") from None
        self._norms = _lengths(self._slopes()) if number <= TOLD else {}
        return _Step(_number(first._data), {b: grad._data.copy() for b, grad in grads.items()})

    def _turn(self, number: int, batch: dict[str, Any]) -> _Step:
        """A step with several losses or optimizers."""
        plan = self.document.training
        results, told = {**self.run.leaves, **batch}, dict[str, float]()
        every = plan.every if plan.zero_grad in ("every", "accumulate") else 1
        clears = plan.zero_grad != "never" and self._steps % max(every, 1) == 0
        self._steps += 1
        waits = plan.zero_grad == "accumulate" and self._steps % max(every, 1) != 0
        if clears and self.optimizer is None:
            _forget(self.run.parameters(), plan.to_none)
        for part in self._passes:
            for block in part.runs:
                results.pop(block, None)
            self.run.go_on(results, part.runs)
            for k in part.steps if clears else ():
                _forget(self.run.parameters(self._moved[k]), plan.to_none)
            for loss, keep in part.losses:
                self._back(number, results, loss, keep=keep)
                told[loss] = _number(results[loss]._data)
            with unwarned():
                for k in part.steps if not waits else ():
                    self._go(k)
        self._norms = _lengths(self._slopes()) if number <= TOLD else {}
        grads = {b: t.grad._data.copy() for b, t in self.run.leaves.items() if t.grad is not None}
        return _Step(told.pop(self.loss), grads, told)

    def _slopes(self) -> dict[str, list[Any]]:
        """The gradients of the layers' parameters."""
        made = {b: [p.grad for p in layer.parameters() if p.grad is not None] for b, layer in self.run.own_layers()}
        return {b: some for b, some in made.items() if some}

    def _forth_and_back(self, number: int, batch: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Forward and backward: the loss, and the `.grad` of each leaf that has one."""
        results = self.run.go_on({**self.run.leaves, **batch}, self.run.order)
        self._back(number, results, self.loss)
        return results[self.loss], {b: t.grad for b, t in self.run.leaves.items() if t.grad is not None}

    def _back(self, number: int, results: dict[str, Any], loss: str, *, keep: bool = False) -> None:
        """Backward from a loss."""
        if loss not in results:
            raise DocumentProblem(f"epoch {number}: {next(iter(self.run.problems.values()), 'the loss was not computed')}")
        try:
            self.run.backward(results, loss, keep=keep)
        except Exception as problem:  # torch's words
            raise DocumentProblem(f"epoch {number}: {problem}") from None

    def _move(self) -> None:
        """The optimizer's step, and what is cleared after it."""
        with unwarned():
            self._steps += 1
            waits = self.document.training.zero_grad == "accumulate" and self._steps % max(self.document.training.every, 1)
            if not waits:
                self._go(0)
            self._clear(self._steps)

    def _go(self, k: int) -> None:
        """The step of an optimizer."""
        optimizer = self._optimizers[k]
        if optimizer is None:
            return
        try:
            if self.document.training.clip:
                self._clip(self.run.parameters(self._moved[k]), self.document.training.clip)
            optimizer.step()
        except Exception as problem:  # torch's words, and numpy's about memory
            raise DocumentProblem(f"{self._parts[k].optimizer}: {problem}") from None

    def _clear(self, number: int) -> None:
        plan = self.document.training
        if plan.zero_grad == "never" or (plan.zero_grad in ("every", "accumulate") and number % max(plan.every, 1)):
            return
        _forget(self.run.parameters(), plan.to_none)

    def trained(self) -> Document:
        """The document with the values that the training gave its tensors."""
        document = self.document
        for block_id, tensor in self.run.leaves.items():
            block = document.blocks[block_id]
            if tensor.requires_grad and block.value is not None and not block.value.each_step and self.optimizer is not None:
                value = replace(block.value, source="data", data=tuple(tensor._data.reshape(-1).tolist()))
                document = document.with_block(block.changed(value=value))
        for block_id, layer in self.run.own_layers():
            state = {name: _value_of(tensor._data) for name, tensor in layer.state_dict().items()}
            if state and self.optimizer is not None and sum(value.size for value in state.values()) <= LARGEST:
                document = document.with_block(document.blocks[block_id].changed(state=state))
        return document
