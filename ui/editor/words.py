"""A node of the editor in words: for tooltips, screen readers and the table."""

from __future__ import annotations

from gradviz.document.model import Block, Wire, WireKey
from gradviz.document.palette.catalogue import entry
from gradviz.document.run.inference import show as shape_text

from .desk import Desk
from .layout.groups import Group

FEW = 4  # numbers of a tensor


def describe(desk: Desk, block_id: str) -> str:
    """What it is, what it reads and gives, and what is wrong; "" where there is no such block."""
    block = desk.document.blocks.get(block_id)
    if block is None:
        return ""
    known = desk.known.get(block_id)
    words = [f"{block.name}: {title_of(block)}"]
    if known is not None and known.spec is not None:
        words.append(f"shape {shape_text(known.spec.shape)}, {known.spec.dtype}")
    if known is not None and known.waiting:
        words.append("nothing yet at " + ", ".join(known.waiting))
    words += [f"{port} from {source_text(desk, wire)}" for port, wire in desk.document.inputs(block_id).items()]
    words += flags_of(desk, block)
    for label, numbers in (("value", numbers_of(desk, block_id, "values")), ("gradient", numbers_of(desk, block_id, "grads"))):
        if numbers:
            words.append(f"{label} {numbers}")
    problem = desk.words_at(block_id)
    return ", ".join(words + ([problem] if problem else []))


def describe_wire(desk: Desk, key: WireKey) -> str:
    """What goes along a wire: whose result, its shape and numbers, and how it is stretched; "" where there is no such wire."""
    wire = desk.document.wires.get(key)
    if wire is None:
        return ""
    known = desk.known.get(wire.source)
    words = [f"{source_text(desk, wire)} to {key[1]} of {desk.document.blocks[key[0]].name}"]
    if known is not None and wire.output < len(known.outputs):
        shape, dtype = known.outputs[wire.output]
        words.append(f"shape {shape_text(shape)}, {dtype}")
    if stretched := desk.broadcasts.get(key):
        words.append(f"stretched {stretched}")
    if value := numbers_of(desk, wire.source, "values") if not wire.output else "":
        words.append(f"value {value}")
    if gradient := numbers_of(desk, wire.source, "grads") if not wire.output else "":
        readers = len(desk.document.users(wire.source))
        words.append(f"gradient {gradient}" + (f" (of all {readers} wires that it goes along)" if readers > 1 else ""))
    return ", ".join(words)


def describe_group(desk: Desk, group: Group) -> str:
    """A closed group: what is in it, what comes in, and what it gives."""
    blocks = desk.document.blocks
    members = [blocks[m] for m in group.frame.members if m in blocks]
    names = ", ".join(b.name for b in members[:FEW]) + (", …" if len(members) > FEW else "")
    words = [f"{group.frame.text}: a closed group of {len(members)} node{'s' * (len(members) != 1)} ({names})"]
    if group.inputs:
        words.append("reads " + ", ".join(name for name, _ in group.inputs))
    for member in members:
        if any(name.partition(".")[0] == member.name for name, _ in group.outputs):
            numbers = numbers_of(desk, member.id, "values"), numbers_of(desk, member.id, "grads")
            told = [f"{label} {some}" for label, some in zip(("value", "gradient"), numbers, strict=True) if some]
            words.append(" ".join([f"gives {member.name}", *told]))
    words += [f"{b.name}: {problem}" for b in members if (problem := desk.words_at(b.id))][:1]
    return ", ".join(words)


def title_of(block: Block) -> str:
    """The kind of a block."""
    found = entry(block.op)
    return found.title if found is not None else block.op


def flags_of(desk: Desk, block: Block) -> list[str]:
    """What is turned on at a block."""
    flags = (
        ("requires grad", block.requires_grad), ("retains its gradient", block.retain_grad), ("muted", block.muted),
        ("inside no_grad", block.id in desk.quiet), ("backward begins here", block.id == desk.ran.loss),
        ("drawn anew in each step", block.value is not None and block.value.each_step),
    )  # fmt: skip
    first = desk.document.blocks.get(block.layer)
    return [words for words, on in flags if on] + ([f"has the weights of {first.name}"] if first is not None else [])


def source_text(desk: Desk, wire: Wire) -> str:
    """What a wire brings: the name of a block, with the number of its output where that is not the first."""
    return desk.document.blocks[wire.source].name + (f":{wire.output}" if wire.output else "")


def numbers_of(desk: Desk, block_id: str, what: str) -> str:
    """The first numbers of a value or a gradient, "" where there is none."""
    array = getattr(desk.ran, what).get(block_id)
    if array is None:
        return ""
    return ", ".join(f"{float(v):.5g}" for v in array.reshape(-1)[:FEW]) + (", …" if array.size > FEW else "")
