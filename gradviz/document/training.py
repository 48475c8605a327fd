"""Training a document: epochs of forward, backward, step and zero_grad, one at a time, so that a window stays awake."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .evaluate import Run
from .model import Document, Param
from .problem import DocumentProblem

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch gave: the loss before the step, and each leaf's `.grad` as backward left it."""

    number: int
    loss: float
    grads: dict[str, Array] = field(default_factory=dict)


def optimizers() -> dict[str, dict[str, Param]]:
    """torch.optim's optimizers with their options, read off their signatures."""
    from engine import optim
    from engine.optim.optimizer import Optimizer

    made: dict[str, dict[str, Param]] = {}
    for name, cls in sorted(vars(optim).items()):
        if inspect.isclass(cls) and issubclass(cls, Optimizer) and cls is not Optimizer and name != "LBFGS":
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
    return made


class Trainer:
    """A document being trained.

    Raises:
        DocumentProblem: nothing can be trained, or the optimizer does not take its options.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.run = Run(document)
        results = self.run.forward()
        if self.run.problems:
            block, text = next(iter(self.run.problems.items()))
            raise DocumentProblem(f"{document.blocks[block].name}: {text}")
        self.loss = self.run.loss_of(results)
        if not self.loss:
            raise DocumentProblem("nothing requires grad: give a tensor requires_grad (R), and compute something from it")
        self.optimizer = self._optimizer()

    def _optimizer(self) -> Any:
        from engine import optim

        wanted = self.document.training
        if not wanted.optimizer:
            return None
        try:
            return getattr(optim, wanted.optimizer)(self.run.parameters(), **wanted.options)
        except Exception as problem:  # torch's words about an option
            raise DocumentProblem(f"{wanted.optimizer}: {problem}") from None

    def epochs(self) -> Iterator[Epoch]:
        """Train, an epoch at a time.

        Raises:
            DocumentProblem: an epoch failed.
        """
        plan = self.document.training
        for number in range(1, plan.epochs + 1):
            results = self.run.forward()
            if self.loss not in results:
                raise DocumentProblem(f"epoch {number}: {next(iter(self.run.problems.values()), 'the loss was not computed')}")
            try:
                self.run.backward(results, self.loss)
            except Exception as problem:  # torch's words
                raise DocumentProblem(f"epoch {number}: {problem}") from None
            loss = results[self.loss]._data
            grads = {b: t.grad._data.copy() for b, t in self.run.leaves.items() if t.grad is not None}
            if self.optimizer is not None:
                self.optimizer.step()
            self._clear(number)
            yield Epoch(number, float(loss) if loss.size == 1 else float(loss.sum()), grads)

    def _clear(self, number: int) -> None:
        plan = self.document.training
        if plan.zero_grad == "never" or (plan.zero_grad == "every" and number % max(plan.every, 1)):
            return
        for parameter in self.run.parameters():
            if parameter.grad is None:
                continue
            if plan.to_none:
                parameter.grad = None
            else:
                parameter.grad.zero_()

    def trained(self) -> Document:
        """The document with the values that the training gave its tensors."""
        document = self.document
        for block_id, tensor in self.run.leaves.items():
            block = document.blocks[block_id]
            if tensor.requires_grad and block.value is not None and self.optimizer is not None:
                value = replace(block.value, source="data", data=tuple(tensor._data.reshape(-1).tolist()))
                document = document.with_block(replace(block, value=value))
        return document
