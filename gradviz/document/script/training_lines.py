"""The lines of a training: optimizers, the loop of epochs, backward, steps, and what is printed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from ..model import TENSOR, Block, Document
from ..palette.catalogue import may_draw
from ..run.inference import infer
from ..run.parts import differentiated, is_movable, movable, moved, passes
from ..run.training import BY_CLOSURE, BY_LOSS, batched, is_beside
from ..sharing import family
from .block_lines import Writer, forward_lines, layer_name, tensor_line
from .literals import literal

BATCH = "_batch"  # how the name of a step's rows of the data ends


def loop(out: Writer, document: Document, loss: str, blocks: list[Block]) -> tuple[Document, str]:
    """Optimizers and the head of the loop; the document with the batches in the place of the data, and how far its lines are indented."""
    plan = document.training
    data = batched(document, loss) if plan.batch else ()
    _optimizers(out, document, blocks)
    counted = plan.zero_grad in ("every", "accumulate") and plan.parts[0].optimizer != BY_CLOSURE
    if counted and (data or plan.others):
        out.row("steps = 0")
    out.row("")
    shuffles = bool(data) and plan.shuffle
    if shuffles or any(may_draw(b.op) for b in blocks if b.op != TENSOR):
        out.row("torch.manual_seed(0)")
    out.row(f"for epoch in range({plan.epochs}):")
    indent = "    "
    if shuffles:
        out.row(f"{indent}shuffled = torch.randperm(len({document.blocks[data[0]].name}))")
    if data:
        out.row(f"{indent}for start in range(0, len({document.blocks[data[0]].name}), {plan.batch}):")
        indent += "    "
        for block_id in data:
            whole = document.blocks[block_id]
            cut = replace(whole, name=whole.name + BATCH)
            rows = f"start : start + {plan.batch}"
            out.row(f"{indent}{cut.name} = {whole.name}[{f'shuffled[{rows}]' if shuffles else rows}]")
            document = document.with_block(cut)
    for block in blocks:
        if block.value is not None and block.value.each_step:
            beside = data[0] if data and is_beside(document, data, block.id) else ""
            tensor_line(out, block, indent, f"len({document.blocks[beside].name})" if beside else "")
    return document, indent


def _optimizers(out: Writer, document: Document, blocks: list[Block]) -> None:
    plan = document.training
    for k, part in enumerate(plan.parts):
        number = "" if k == 0 else str(k + 1)
        if not part.optimizer:
            continue
        options = "".join(f", {name}={literal(v)}" for name, v in part.options.items())
        out.row(f"optimizer{number} = torch.optim.{part.optimizer}([{_parameters(blocks, moved(document, part))}]{options})")
        if plan.scheduler:
            options = "".join(f", {name}={literal(v)}" for name, v in plan.scheduler_options.items())
            out.row(f"scheduler{number} = torch.optim.lr_scheduler.{plan.scheduler}(optimizer{number}{options})")


def step(out: Writer, document: Document, loss: str, blocks: list[Block], indent: str) -> None:
    """A turn of the loop: forward, backward, and what moves the parameters."""
    plan = document.training
    forward = [b for b in blocks if b.op != TENSOR]
    if plan.others:
        _turn(out, document, loss, blocks, indent)
    elif plan.optimizer == BY_CLOSURE:
        out.row(f"{indent}def closure():")
        out.row(f"{indent}    optimizer.zero_grad({'' if plan.to_none else 'set_to_none=False'})")
        forward_lines(out, document, forward, indent + "    ")
        _closed(out, document, document.blocks[loss], blocks, indent)
    else:
        forward_lines(out, document, forward, indent)
        if loss in document.blocks:
            _end(out, document, document.blocks[loss], blocks, indent)
    for k, part in enumerate(plan.parts):
        if part.optimizer and plan.scheduler:
            told = _item(document, document.blocks[loss]) if plan.scheduler == BY_LOSS and loss in document.blocks else ""
            out.row(f"    scheduler{k + 1 if k else ''}.step({told})")


def end_without_training(out: Writer, document: Document, loss: Block, blocks: list[Block]) -> None:
    """One backward pass, and the gradients."""
    out.row(f"{loss.name}.backward({_seed(document, loss)})")
    out.row(f'print("{loss.name}", {loss.name})')
    leaves = [b.name for b in blocks if b.op == TENSOR and b.requires_grad]
    for name in leaves + [b.name for b in blocks if b.retain_grad]:
        out.row(f'print("{name}.grad", {name}.grad)')


def _parameters(blocks: list[Block], moved: Collection[str]) -> str:
    leaves = [b.name for b in blocks if b.op == TENSOR and b.id in moved]
    return ", ".join(leaves + [f"*{layer_name(b)}.parameters()" for b in blocks if b.op.startswith("nn.") and b.id in moved])


def _end(out: Writer, document: Document, loss: Block, blocks: list[Block], indent: str) -> None:
    """Backward, what is printed, and the step of one optimizer or none."""
    out.row(f"{indent}{loss.name}.backward({_seed(document, loss)})")
    out.row(f"{indent}print(epoch, {_shown(document, loss)}{_leaf_grads(blocks)})")
    plan = document.training
    stepping = _stepping(document, blocks, 0) if plan.optimizer else []
    if plan.zero_grad != "accumulate":
        for row in stepping:
            out.row(indent + row)
    if plan.zero_grad == "never":
        return
    if plan.zero_grad in ("every", "accumulate"):
        steps = "steps" if batched(document, loss.id) and plan.batch else "(epoch + 1)"
        if steps == "steps":
            out.row(f"{indent}steps += 1")
        out.row(f"{indent}if {steps} % {max(plan.every, 1)} == 0:")
        indent += "    "
    if plan.zero_grad == "accumulate":
        for row in stepping:
            out.row(indent + row)
    if plan.optimizer:
        out.row(f"{indent}optimizer.zero_grad({'' if plan.to_none else 'set_to_none=False'})")
        return
    reached = differentiated(document, loss.id)
    for block in blocks:
        if block.id in reached and is_movable(block) and block.op == TENSOR:
            out.row(f"{indent}{block.name}.grad = None" if plan.to_none else f"{indent}{block.name}.grad.zero_()")
        elif block.op.startswith("nn.") and is_movable(block) and not reached.isdisjoint(family(document, block.id)):
            out.row(f"{indent}{layer_name(block)}.zero_grad({'' if plan.to_none else 'set_to_none=False'})")


def _closed(out: Writer, document: Document, loss: Block, blocks: list[Block], indent: str) -> None:
    """The end of a closure, and the step that calls it."""
    out.row(f"{indent}    {loss.name}.backward({_seed(document, loss)})")
    out.row(f"{indent}    return {loss.name}")
    out.row("")
    out.row(f"{indent}{loss.name} = optimizer.step(closure)")
    out.row(f"{indent}print(epoch, {_shown(document, loss)}{_leaf_grads(blocks)})")


def _turn(out: Writer, document: Document, loss: str, blocks: list[Block], indent: str) -> None:
    """A step with several losses or optimizers."""
    plan = document.training
    there = {b.id: b for b in blocks}
    every = max(plan.every, 1) if plan.zero_grad in ("every", "accumulate") else 1
    inner = indent + "    " * (every > 1)
    none = "" if plan.to_none else "set_to_none=False"

    def names(steps: Iterable[int]) -> list[str]:
        return [f"optimizer{k + 1 if k else ''}" for k in steps]

    def under(condition: str, rows: list[str]) -> None:
        if rows and every > 1:
            out.row(f"{indent}if {condition}:")
        for row in rows:
            out.row(inner + row)

    told = []
    if plan.zero_grad != "never" and not any(part.optimizer for part in plan.parts):
        moving = [there[b] for b in movable(document) if b in there]
        rows = [f"{b.name}.grad = None" if b.op == TENSOR else f"{layer_name(b)}.zero_grad({none})" for b in moving]
        under(f"steps % {every} == 0", rows)
    for part in passes(document, loss):
        forward_lines(out, document, [there[b] for b in part.runs if b in there], indent)
        if plan.zero_grad != "never":
            under(f"steps % {every} == 0", [f"{name}.zero_grad({none})" for name in names(part.steps)])
        for end, keep in part.losses:
            seed = _seed(document, there[end])
            out.row(f"{indent}{there[end].name}.backward({', '.join(filter(None, (seed, 'retain_graph=True' * keep)))})")
            told.append(_shown(document, there[end]))
        rows = [row for k in part.steps for row in _stepping(document, blocks, k)]
        if plan.zero_grad == "accumulate":
            under(f"(steps + 1) % {every} == 0", rows)
        else:
            for row in rows:
                out.row(indent + row)
    if plan.zero_grad in ("every", "accumulate"):
        out.row(f"{indent}steps += 1")
    out.row(f"{indent}print(epoch, {', '.join(told)}{_leaf_grads(blocks)})")


def _stepping(document: Document, blocks: list[Block], k: int) -> list[str]:
    """The lines of an optimizer's step."""
    plan = document.training
    step = f"optimizer{k + 1 if k else ''}.step()"
    if not plan.clip:
        return [step]
    return [f"torch.nn.utils.clip_grad_norm_([{_parameters(blocks, moved(document, plan.parts[k]))}], {literal(plan.clip)})", step]


def _seed(document: Document, loss: Block) -> str:
    """What backward begins with where the loss is no single number."""
    spec = infer(document)[loss.id].spec
    return "" if spec is None or all(n == 1 for n in spec.shape) else f"torch.ones_like({loss.name})"


def _shown(document: Document, loss: Block) -> str:
    """The number of a loss, with the digits that float32 holds: two machines may differ in those after."""
    return f'f"{{{_item(document, loss)}:.6g}}"'


def _item(document: Document, loss: Block) -> str:
    """The number of a loss."""
    return f"{loss.name}{'.sum()' if _seed(document, loss) else ''}.item()"


def _leaf_grads(blocks: list[Block]) -> str:
    return "".join(f", {b.name}.grad" for b in blocks if b.op == TENSOR and b.requires_grad)
