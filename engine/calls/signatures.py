"""PyTorch's words for calls that its argument parser refuses, from the table of what it accepts.

Looked into only after a call went wrong: which signature the arguments miss, and what is said then, follows
torch/csrc/utils/python_arg_parser.cpp (parse, print_error) and invalid_arguments.cpp, so it holds for every
function and method at once. `pytorch_signatures.json` is made by tools/pytorch_signatures.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .. import dtypes
from ..errors import class_name
from ..memory.formats import layout, memory_format
from ..random.generator import Generator
from ..tensor import Tensor, device
from .hash_order import in_table

_NUMPY_NAMES = {"dim": ("axis",), "keepdim": ("keepdims",), "input": ("x", "a", "x1"), "other": ("x2",)}

# functions whose tensors may be numbers (should_allow_numbers_as_tensors)
_NUMBERS_TOO = frozenset(
    n + ending
    for n in ("add", "div", "divide", "mul", "multiply", "sub", "subtract", "true_divide", "floor_divide")
    for ending in ("", "_")
) | {"copy_"}


ANYTHING: Any = object()  # a value that nobody knows here, which so fits everywhere


class Parameter(NamedTuple):
    """One parameter of a signature."""

    kind: str
    name: str
    optional: bool
    nullable: bool
    size: int
    keyword: bool

    def fits(self, value: Any) -> bool:
        """Whether a value may stand for it; a class that the engine does not know fits everything."""
        check = _CHECKS.get(self.kind)
        if check is None or value is ANYTHING:
            return True
        return check(value) or (self.size > 0 and self.kind == "tuple of ints" and _is_int(value))


class Signature(NamedTuple):
    """One way to call a name; `text` is how PyTorch prints it."""

    text: str
    parameters: tuple[Parameter, ...]

    @property
    def least(self) -> int:
        """How many arguments there must be."""
        return sum(not p.optional for p in self.parameters)

    @property
    def positional(self) -> int:
        """How many arguments may stand without their names."""
        return sum(not p.keyword for p in self.parameters)


class _RefusedError(Exception):
    """Why arguments do not fit a signature."""


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Tensor)


def _scalar(value: Any) -> bool:
    return isinstance(value, Tensor) and not value._requires_grad and value._data.ndim == 0


def _is_int(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value._data.size == 1 and value._data.dtype.kind in "iu"
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _is_one_int(value: Any) -> bool:
    return _is_int(value) and not (isinstance(value, Tensor) and value._data.ndim)


def _is_float(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) or _scalar(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, complex) or _is_float(value)


def _list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, (tuple, list)) and (not value or check(value[0]))  # the others: when it is unpacked


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "Tensor": _is_tensor, "Number": _is_number, "float": _is_float, "int": _is_one_int, "bool": lambda v: isinstance(v, (bool, np.bool_)),
    "str": lambda v: isinstance(v, str), "torch.dtype": lambda v: isinstance(v, dtypes.dtype) or any(v is t for t in (float, int, bool, complex)),
    "torch.device": lambda v: isinstance(v, (device, str)) or _is_int(v), "torch.Generator": lambda v: isinstance(v, Generator),
    "tuple of ints": _list_of(_is_int), "tuple of floats": _list_of(_is_float), "tuple of Tensors": lambda v: isinstance(v, (tuple, list)),
    "tuple of Scalars": _list_of(_is_number), "torch.memory_format": lambda v: isinstance(v, memory_format),
    "torch.layout": lambda v: isinstance(v, layout),
}  # fmt: skip
# what a type's name in a signature matches where the words "didn't match because" are said: a value's class by its very name
_SPOKEN = {"float": ("float", "int", "long"), "int": ("int", "long")}


@cache
def table() -> dict[str, dict[str, Any]]:
    """By home and name: what stands in pytorch_signatures.json."""
    read: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("pytorch_signatures.json").read_text(encoding="utf-8"))
    return read


@cache
def known(home: str, name: str) -> tuple[str, bool, tuple[Signature, ...]] | None:
    """(name that errors tell, whether deprecated signatures are hidden, the signatures) of a public name."""
    listed = table().get(home, {}).get(name)
    if listed is None:
        return None
    spoken = name
    if listed and not listed[0].startswith(("(", "~")):
        spoken, *listed = listed
    hidden = bool(listed) and listed[0].startswith("~")
    return spoken, hidden, tuple(parsed(text.lstrip("~")) for text in listed)


def parsed(text: str) -> Signature:
    """A signature from how it stands in the table."""
    found, keyword = [], False
    for part in text[1:-1].split(", ") if len(text) > 2 else []:
        if part == "*":
            keyword = True
            continue
        words, equals, default = part.partition(" = ")
        kind, _, name = words.rpartition(" ")
        marked = re.fullmatch(r"(.*?)(?::(\d+))?(\??)", kind)
        assert marked is not None
        nullable = bool(marked[3]) or default in {"None", "[]"}
        found.append(Parameter(marked[1], name, bool(equals), nullable, int(marked[2] or 0), keyword))
    return Signature(re.sub(r"(?::\d+)?\??(?= \w)", lambda m: "", text) if ":" in text or "?" in text else text, tuple(found))


def _counted(name: str, one: Signature, given: int) -> str:
    most, least = one.positional, one.least
    if least != most:
        return f"{name}() takes from {least} to {most} positional arguments but {given} were given"
    return f"{name}() takes {most} positional argument{'' if most == 1 else 's'} but {given} {'was' if given == 1 else 'were'} given"


def _parse(name: str, one: Signature, args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
    """Match arguments with a signature as FunctionSignature::parse does; raise _RefusedError with its words.

    Returns whether all arguments of the same classes fit as well, whatever stands in them.
    """
    always = True
    several = one.positional == 1 and one.parameters[0].kind == "tuple of ints"  # view(2, 3) is view((2, 3))
    if len(args) > one.positional and not (several and _is_int(args[0])):
        raise _RefusedError(_counted(name, one, len(args)))
    at, left = 0, len(kwargs)
    for k, parameter in enumerate(one.parameters):
        by_name = at >= len(args)
        if not by_name:
            if parameter.keyword:
                raise _RefusedError(_counted(name, one, len(args)))
            value, there = args[at], True
        else:
            key = next((n for n in (parameter.name, *_NUMPY_NAMES.get(parameter.name, ())) if n in kwargs), None)
            value, there = (None, False) if key is None else (kwargs[key], True)
        if (not there and parameter.optional) or (there and value is None and parameter.nullable):
            pass
        elif not there:
            missing = [f'"{p.name}"' for p in one.parameters[k:] if not p.optional]
            ending = "s" if len(missing) == 1 else ""  # sic
            raise _RefusedError(f"{name}() missing {len(missing)} required positional argument{ending}: {', '.join(missing)}")
        elif parameter.fits(value) or (name in _NUMBERS_TOO and parameter.kind == "Tensor" and isinstance(value, (int, float, complex))):
            always = always and (parameter.kind in {"Tensor", "tuple of Tensors"} or not _by_value(value))
            _unpack(name, parameter, value, k)
        elif several and at == 0 and not by_name and _is_int(args[0]):
            always = always and not _by_value(args)
            _unpack(name, parameter, tuple(args), k)
            at = len(args)
            continue
        else:
            raise _RefusedError(_mismatch(name, parameter, value, at, by_name))
        if not by_name:
            at += 1
        elif there:
            left -= 1
    if at < len(args):
        raise _RefusedError(_counted(name, one, len(args)))
    if left:
        raise _RefusedError(_unexpected(name, one, args, kwargs))
    return always


def bound(one: Signature, args: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call that fits a signature by the signature's names; what was not given is left out."""
    values = dict(zip((parameter.name for parameter in one.parameters), args, strict=False))
    for parameter in one.parameters[len(args) :]:
        key = next((n for n in (parameter.name, *_NUMPY_NAMES.get(parameter.name, ())) if n in kwargs), None)
        if key is not None:
            values[parameter.name] = kwargs[key]
    return values


def _by_value(value: Any) -> bool:
    """Whether a value fits for what is in it: a tensor may stand for a number."""
    return isinstance(value, Tensor) or (isinstance(value, (tuple, list)) and any(isinstance(v, Tensor) for v in value))


def _unpack(name: str, parameter: Parameter, value: Any, at: int) -> None:
    """What is found wrong in a list only after a signature was chosen."""
    if not isinstance(value, (tuple, list)):
        return
    if parameter.kind == "tuple of Tensors":
        for k, element in enumerate(value):
            if not isinstance(element, Tensor):
                raise TypeError(f"expected Tensor as element {k} in argument {at}, but got {spoken_class(element)}")
        if parameter.size and len(value) != parameter.size:
            raise TypeError(f"expected tuple of {parameter.size} elements but got {len(value)}")
    check = {"tuple of ints": _is_int, "tuple of floats": _is_float}.get(parameter.kind)
    for k, element in enumerate(value if check is not None else ()):
        if check is not None and not check(element) and not (k and isinstance(element, bool)):  # only the first one decides what fits
            raise TypeError(
                f"{name}(): argument '{parameter.name}' failed to unpack the object at pos {k + 1} with error "
                f'"type must be {parameter.kind},but got {spoken_class(element)}"'
            )


def _mismatch(name: str, parameter: Parameter, value: Any, at: int, by_name: bool) -> str:
    told = f"{name}(): argument '{parameter.name}'"
    if by_name:
        return f"{told} must be {parameter.kind}, not {spoken_class(value)}"
    if parameter.kind in {"tuple of ints", "tuple of floats"} and isinstance(value, (tuple, list)):
        return f"{told} (position {at + 1}) must be {parameter.kind}, but found element of type {spoken_class(value[0])} at pos 0"
    return f"{told} (position {at + 1}) must be {parameter.kind}, not {spoken_class(value)}"


def _unexpected(name: str, one: Signature, args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    names = [p.name for p in one.parameters]
    for key in kwargs:
        if key not in names:
            return f"{name}() got an unexpected keyword argument '{key}'"
        if names.index(key) < len(args):
            return f"{name}() got multiple values for argument '{key}'"
    return "invalid keyword arguments"


def spoken_class(value: Any) -> str:
    """The name of a value's class as C knows it."""
    if isinstance(value, dtypes.dtype):
        return "torch.dtype"
    if isinstance(value, device):
        return "torch.device"
    if isinstance(value, (layout, memory_format)):
        return f"torch.{type(value).__name__}"
    name = class_name(value)
    return {"Size": "torch.Size", "Generator": "torch._C.Generator"}.get(name, name)


def _given(args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    """ "(Tensor, dim=int)"; after keywords alone PyTorch leaves a comma."""
    words = [spoken_class(a) for a in args] + [f"{n}={spoken_class(kwargs[n])}" for n in in_table(kwargs)]
    return "(" + ", ".join(words) + (", " if words and not args else "") + ")"


def _matched(one: Signature, args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    """Which arguments have the very class that a signature names; the others stand between exclamation marks."""
    expected = [(part.rpartition(" ")[0], part.rpartition(" ")[2]) for part in _arguments(one)]
    shown = []
    for k in range(len(args) + len(kwargs)):
        kind, name = expected[k]
        value = args[k] if k < len(args) else kwargs[name]
        text = ("" if k < len(args) else f"{name}=") + _listed(value)
        right = class_name(value) in _SPOKEN.get(kind, (kind,)) or spoken_class(value) == kind
        shown.append(text if right else f"!{text}!")
    return "(" + ", ".join(shown) + (", " if shown and not args else "") + ")"


def _listed(value: Any) -> str:
    if not isinstance(value, (tuple, list)):
        return spoken_class(value)
    inside = ", ".join(spoken_class(v) for v in value)
    return f"tuple of ({inside}{',' if len(value) == 1 else ''})" if isinstance(value, tuple) else f"list of [{inside}]"


def _arguments(one: Signature) -> list[str]:
    """The parts of a signature by which PyTorch counts when it explains: the star is one of them."""
    return one.text[1:-1].split(", ")


def _unmatched(one: Signature, kwargs: dict[str, Any]) -> list[str]:
    """The named arguments that none of the last parts of a signature is called by."""
    parts = _arguments(one)
    names = [part.rpartition(" ")[2] for part in parts[max(len(parts) - len(kwargs), 0) :]]  # of "int dim = None" it is "None"
    return [n for n in in_table(kwargs) if n not in names]


def none_fits(name: str, all_of: Sequence[Signature], args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    """The words where there are several signatures: of the only one with that many parameters, else all of them."""
    count = len(args) + len(kwargs)
    plausible = [s for s in all_of if s.least <= count <= len(s.parameters)]
    if len(plausible) == 1:
        try:
            _parse(name, plausible[0], args, kwargs)
        except _RefusedError as refused:
            return str(refused)
    told = f"{name}() received an invalid combination of arguments - got "
    if len(all_of) == 1:
        one = all_of[0]
        wrong = _unmatched(one, kwargs)
        if wrong:
            return f"{told}unrecognized keyword arguments: {', '.join(wrong)}"
        fits = count == len(_arguments(one))
        return f"{told}{_matched(one, args, kwargs) if fits else _given(args, kwargs)}, but expected {one.text}"
    lines = []
    for one in all_of:
        lines.append(f" * {one.text}\n")
        if len(_arguments(one)) != count:
            continue
        wrong = _unmatched(one, kwargs)
        why = "keywords were incorrect: " + ", ".join(wrong) if wrong else f"arguments have invalid types: {_matched(one, args, kwargs)}"
        lines.append(f"      didn't match because some of the {why}\n")
    return f"{told}{_given(args, kwargs)}, but expected one of:\n{''.join(lines)}"


def refusal(home: str, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> TypeError | None:
    """PyTorch's error where its parser refuses a call of a public name, None where it takes it or the name is not known.

    Args:
        home: "torch", "functional", "special", "linalg", or "method", whose first argument is the tensor.
        name: the public name.
        args: positional arguments.
        kwargs: named arguments.
    """
    found = known(home, name)
    if found is None:
        return None
    spoken, hidden, all_of = found
    if home == "method" and (not args or not isinstance(args[0], Tensor)):
        return no_owner(name, args)
    return judged(home, spoken, hidden, all_of, args, kwargs)[0]


def judged(
    home: str, name: str, hidden: bool, all_of: Sequence[Signature], args: Sequence[Any], kwargs: dict[str, Any]
) -> tuple[TypeError | None, bool]:
    """The error that a call raises, and where it raises none, whether no call with arguments of the same classes does."""
    if home == "method":
        args = args[1:]
        if not all_of:
            if kwargs:
                return TypeError(f"TensorBase.{name}() takes no keyword arguments"), False
            return (TypeError(f"TensorBase.{name}() takes no arguments ({len(args)} given)") if args else None), True
    first: TypeError | None = None
    fits = False
    for one in all_of:
        try:
            if _parse(name, one, args, kwargs):
                return None, True
            fits = True
        except _RefusedError as refused:
            first = first or TypeError(str(refused))
        except TypeError as wrong:
            if not fits:
                return wrong, False
    if fits:
        return None, False
    if len(all_of) == 1 and not hidden:
        return first, False
    return TypeError(none_fits(name, all_of, args, kwargs)), False


def no_owner(name: str, args: Sequence[Any]) -> TypeError:
    """For a method that is called as a function (`torch.Tensor.sin`), without a tensor."""
    if not args:
        return TypeError(f"unbound method TensorBase.{name}() needs an argument")
    return TypeError(f"descriptor '{name}' for 'torch._C.TensorBase' objects doesn't apply to a '{spoken_class(args[0])}' object")


__all__ = ["ANYTHING", "Parameter", "Signature", "bound", "judged", "known", "no_owner", "parsed", "refusal", "spoken_class", "table"]
