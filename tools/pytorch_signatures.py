"""Write engine/pytorch_signatures.json: what PyTorch's argument parser accepts, which the engine's refusals of wrong calls read.

Needs PyTorch: `python tools/pytorch_signatures.py`. A signature stands as PyTorch prints it, with what it does not print
behind the type: "?" where None may stand, ":2" where one int may stand for a list of two.
"""

from __future__ import annotations

import functools
import json
import re
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "engine" / "pytorch_signatures.json"
ALIAS = re.compile(r"\([a-z|]+!?( -> [a-z|*]*)?\)")  # "(a!)": which arguments and results share memory
KINDS = {
    "Tensor": "Tensor", "Scalar": "Number", "number": "Number",
    "int": "int", "SymInt": "int", "float": "float", "bool": "bool", "str": "str",
    "ScalarType": "torch.dtype", "Layout": "torch.layout", "Device": "torch.device", "MemoryFormat": "torch.memory_format",
    "Generator": "torch.Generator", "int[]": "tuple of ints", "SymInt[]": "tuple of ints", "float[]": "tuple of floats",
    "Tensor[]": "tuple of Tensors", "Scalar[]": "tuple of Scalars", "bool[]": "tuple of bools",
}  # fmt: skip

# what stands in python_variable_methods.cpp and in no schema
BY_HAND = {"is_contiguous": "(*, torch.memory_format memory_format = torch.contiguous_format)"}


def told(function: Callable[..., Any]) -> str:
    """What a call with far too many arguments that are nothing says: all signatures, or how many arguments there may be."""
    try:
        function(*[object()] * 25)
    except Exception as refused:
        return str(refused)
    return ""


def schema_arguments(text: str) -> list[tuple[str, bool, int, str, str | None, bool]]:
    """(kind, may be None, size of the list, name, default, only by keyword) of each argument of a schema."""
    inside = ALIAS.sub("", text)
    inside = inside[inside.index("(") + 1 : inside.rindex(") ->")]
    keyword, found = False, []
    for part in re.split(r", (?![^\[(]*[\])])", inside) if inside else []:
        if part == "*":
            keyword = True
            continue
        kind, _, rest = part.partition(" ")
        name, _, default = rest.partition("=")
        nullable = kind.endswith("?")
        size = re.search(r"\[(\d+)\]", kind)
        plain = re.sub(r"\[\d*\]", "[]", kind.rstrip("?")).replace("?", "")
        found.append((KINDS.get(plain, plain), nullable, int(size[1]) if size else 0, name, default or None, keyword))
    return found


@functools.cache
def has_out(name: str) -> bool:
    """Whether a function of torch takes `out=`: many schemas with one are generated and not public."""
    import torch

    stubs = (Path(torch.__file__).parent / "_C" / "_VariableFunctions.pyi").read_text(encoding="utf-8")
    bodies = re.findall(rf"^def {name}\((.*?)\) ->", stubs, flags=re.M | re.S)
    return not bodies or any("out:" in body for body in bodies)


def schemas(name: str) -> list[str]:
    """The schemas of a name, those with names of dimensions left out."""
    import torch

    found = [str(s) for s in torch._C._jit_get_schemas_for_operator(f"aten::{name}")]
    return [s for s in found if "Dimname" not in s and s.startswith(("aten::" + name + "(", "aten::" + name + "."))]


def single(name: str, words: str, method: bool) -> str | None:
    """The signature of a name that has one, from its schema."""
    counts = re.search(r"takes (?:from (\d+) to )?(\d+) positional", words)
    if counts is None:
        return None
    most = int(counts[2])
    least = int(counts[1] or most)
    out = ""
    chosen: list[str] | None = None
    for schema in schemas(name):
        arguments = schema_arguments(schema)
        written = re.findall(r"\([a-z]!\)\S* \w+", schema.partition(", *, ")[2].partition(") ->")[0])
        if written:
            out = "Tensor? out = None" if len(written) == 1 else "tuple of Tensors? out = None"
            continue
        if method and not (arguments and arguments[0][0] == "Tensor" and arguments[0][3] == "self"):
            continue
        given = arguments[1:] if method else arguments
        positional = [a for a in given if not a[5]]
        needed = [a for a in given if a[4] is None]
        if len(positional) != most or (len(needed) != least and least != most) or chosen is not None:
            continue
        chosen = []
        keyword = False
        for kind, nullable, size, argument, default, only in given:
            if only and not keyword:
                chosen.append("*")
                keyword = True
            shown = "input" if argument == "self" else argument
            mark = (f":{size}" if size else "") + ("?" if nullable else "")
            chosen.append(f"{kind}{mark} {shown}" + ("" if default is None else f" = {default.replace(', ', ',')}"))
        if any(a[3] == "pin_memory" for a in given):
            chosen.append("bool? requires_grad = False")
    if chosen is None:
        return None
    if out and not method and has_out(name):
        if "*" not in chosen:
            chosen.append("*")
        chosen.insert(chosen.index("*") + 1, out)
    return "(" + ", ".join(chosen) + ")"


def marked(signature: str, name: str) -> str:
    """A printed signature with the marks that PyTorch does not print, found in the schemas by the arguments' names."""
    known: dict[tuple[str, str], str] = {("out", "Tensor"): "?", ("out", "tuple of Tensors"): "?", ("requires_grad", "bool"): "?"}
    for schema in schemas(name):
        for kind, nullable, size, argument, _default, _only in schema_arguments(schema):
            mark = (f":{size}" if size else "") + ("?" if nullable else "")
            if mark:
                known[argument, kind] = mark
    parts = []
    for part in signature[1:-1].split(", "):
        words, equals, default = part.partition(" = ")
        kind, _, argument = words.rpartition(" ")
        mark = known.get((argument, kind), "")
        parts.append(f"{kind}{mark} {argument}{equals}{default}" if kind else part)
    return "(" + ", ".join(parts) + ")"


def signatures(function: Callable[..., Any], attribute: str, method: bool) -> tuple[str, list[str]] | None:
    """(the name that errors tell, the signatures); the second starts with "~" where PyTorch hides deprecated ones."""
    words = told(function)
    if method and words.startswith(f"Tensor.{attribute}() takes no arguments"):
        return attribute, []
    spoken = re.match(r"([a-z_A-Z0-9]+)\(\) ", words)
    if spoken is None or spoken[1] in {"type", "nonzero", "tensor", "as_tensor"}:  # parsed by hand
        return None
    name = spoken[1]
    if "invalid combination" in words:
        listed = re.findall(r"^ \* (\(.*\))$", words, flags=re.M)
        if listed:
            return name, [marked(s, name) for s in listed]
        only = words.rpartition("but expected ")[2]
        return name, ["~" + marked(only, name)]
    one = BY_HAND.get(name) or single(name, words, method)
    return None if one is None else (name, [one])


def main() -> None:
    """Ask the PyTorch of this environment about every function and method that the engine has."""
    import torch

    import engine

    table: dict[str, dict[str, Any]] = {}
    homes = {
        "torch": (torch, engine), "functional": (torch.nn.functional, engine.nn.functional), "special": (torch.special, engine.special),
        "linalg": (torch.linalg, engine.linalg), "method": (torch.ones(2), engine.Tensor),
    }  # fmt: skip
    for home, (theirs, ours) in homes.items():
        rows = table[home] = {}
        for name in dir(ours):
            if name.startswith("_") or name in {"data", "grad", "T", "mT", "H", "mH", "real", "imag"}:
                continue
            function = getattr(theirs, name, None)
            if not isinstance(function, (types.BuiltinFunctionType, types.BuiltinMethodType)):
                continue
            found = signatures(function, name, home == "method")
            if found is not None:
                spoken, listed = found
                rows[name] = listed if spoken == name else [spoken, *listed]
    TARGET.write_text(json.dumps(table, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
