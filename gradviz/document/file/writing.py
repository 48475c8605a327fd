"""The `.gradviz` format, written: JSON in a stable order, a line a block and a wire, so that git shows small differences."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from ..model import ENDED, Block, Document, Frame, Param, Part, Training, Value, Wire, WireKey

FORMAT = 2


def write(document: Document) -> str:
    """The text of a document; the same document gives the same text."""
    training = document.training
    rows = [
        ("blocks", [block_row(b) for b in document.blocks.values()]),
        ("wires", [wire_row(k, w) for k, w in document.wires.items()]),
        ("frames", [frame_row(f) for f in document.frames.values()]),
    ]
    parts = ["{", f' "gradviz": {FORMAT},', f' "next": {document.next_number},']
    if document.direction != "LR":
        parts.append(f' "direction": {json.dumps(document.direction)},')
    for name, found in rows:
        inner = ",\n".join(f"  {_json(row)}" for row in found)
        parts.append(f' "{name}": [\n{inner}\n ],' if found else f' "{name}": [],')
    parts += [f' "training": {_json(training_row(training))}', "}", ""]
    return "\n".join(parts)


def _json(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))


def block_row(block: Block) -> dict[str, Any]:
    """A block as JSON; what has its usual value is left out."""
    row: dict[str, Any] = {"id": block.id, "op": block.op, "name": block.name, "at": [_short(block.x), _short(block.y)]}
    if block.params:
        row["params"] = {k: _plain(block.params[k]) for k in sorted(block.params)}
    if block.value is not None:
        row["value"] = _value_row(block.value)
    if block.state:
        row["state"] = {name: _value_row(value) for name, value in sorted(block.state.items())}
    for flag in ("requires_grad", "retain_grad", "muted"):
        if getattr(block, flag):
            row[flag] = True
    if block.layer:
        row["layer"] = block.layer
    if block.told:
        row["told"] = block.told
    return row


def _value_row(value: Value) -> dict[str, Any]:
    row: dict[str, Any] = {"shape": list(value.shape), "dtype": value.dtype}
    if value.source == "data":
        row["data"] = [_plain(v) for v in value.data]
    else:
        row["source"] = value.source
        row["seed"] = value.seed
        if value.source in ENDED:
            row["ends"] = [_plain(v) for v in value.ends]
        if value.each_step:
            row["anew"] = True
    if (value.low, value.high) != (-5.0, 5.0):
        row["slider"] = [_plain(value.low), _plain(value.high)]
    return row


def wire_row(key: WireKey, wire: Wire) -> dict[str, Any]:
    """A wire as JSON."""
    row: dict[str, Any] = {"from": wire.source, "to": key[0], "port": key[1]}
    if wire.output:
        row["output"] = wire.output
    return row


def frame_row(frame: Frame) -> dict[str, Any]:
    """A frame as JSON."""
    row = {"id": frame.id, "kind": frame.kind, "text": frame.text, "members": list(frame.members)}
    return {**row, "collapsed": True} if frame.collapsed else row


def training_row(training: Training) -> dict[str, Any]:
    """The training as JSON."""
    return {
        "loss": training.loss,
        "optimizer": training.optimizer,
        "options": {k: _plain(training.options[k]) for k in sorted(training.options)},
        "epochs": training.epochs,
        "zero_grad": training.zero_grad,
        "every": training.every,
        "to_none": training.to_none,
        **({"batch": training.batch} if training.batch else {}),
        **({"shuffle": True} if training.shuffle else {}),
        **({"clip": _plain(training.clip)} if training.clip else {}),
        **(
            {"scheduler": training.scheduler, "scheduler_options": {k: _plain(v) for k, v in sorted(training.scheduler_options.items())}}
            if training.scheduler
            else {}
        ),
        **({"moves": list(training.moves)} if training.moves else {}),
        **({"others": [_part_row(part) for part in training.others]} if training.others else {}),
    }


def _part_row(part: Part) -> dict[str, Any]:
    row: dict[str, Any] = {
        "loss": part.loss,
        "optimizer": part.optimizer,
        "options": {k: _plain(v) for k, v in sorted(part.options.items())},
    }
    return {**row, "moves": list(part.moves)} if part.moves else row


def _short(number: float) -> float | int:
    number = round(number, 3)
    return int(number) if number == int(number) else number


def _plain(value: Param) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}
    return [_plain(v) for v in value] if isinstance(value, tuple) else value
