"""Whether PyTorch takes a call, asked before the engine does: its argument parser, and its functions that are written in Python.

Those hand their arguments on to a parser; the row of such a function in `pytorch_signatures.json` says what it asks them
for first, to which parser it gives them, and as what.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import no_attribute
from ..tensor import Tensor
from .deprecated import Call, as_today
from .signatures import ANYTHING, judged, known, parsed, refusal, spoken_class, table

_MOST = 512  # kinds of calls of one name that are remembered


def admit(home: str, name: str, args: Sequence[Any], kwargs: dict[str, Any], kind: Any, admitted: set[Any]) -> tuple[bool, Call | None]:
    """Raise PyTorch's error where it refuses the arguments of a call; a kind of call that it always takes is asked for once.

    Returns whether the table has the name (of another there is nothing to ask), and the call as it is written today where it
    is in a deprecated order.

    Args:
        home: as for `signatures.refusal`.
        name: the public name.
        args: positional arguments.
        kwargs: named arguments.
        kind: the classes of all arguments and of what lists among them hold, and the names of the named ones.
        admitted: the kinds of calls that are known to be taken; grows.
    """
    found, row = known(home, name), table()["python"].get(home, {}).get(name)
    if found is None and row is None:
        return False, None
    told: Exception | None
    if found is None:
        told, always = _handed_on(home, name, row, args, kwargs)
    elif home == "method" and (not args or not isinstance(args[0], Tensor)):
        told, always = refusal(home, name, args, kwargs), False
    else:
        told, always = judged(home, *found, args, kwargs)
    if told is not None:
        today = as_today(home, name, args, kwargs)
        if today is None:
            raise told
        return True, today
    ordinary = None if name in _OWN_DTYPES else _in_python(args, kwargs)
    if ordinary is not None:
        return True, ordinary
    if always:
        if len(admitted) >= _MOST:
            admitted.clear()
        admitted.add(kind)
    return True, None


# what makes a tensor of data: a number of numpy brings its dtype along
_OWN_DTYPES = frozenset(("tensor", "as_tensor", "asarray", "new_tensor", "from_numpy", "where", "result_type"))


def _in_python(args: Sequence[Any], kwargs: dict[str, Any]) -> Call | None:
    """The arguments of a call with numpy's numbers as Python's, which is what PyTorch's parser makes of them; None where there are none."""
    given, named = tuple(_ordinary(value) for value in args), {key: _ordinary(value) for key, value in kwargs.items()}
    changed = any(a is not b for a, b in zip((*args, *kwargs.values()), (*given, *named.values()), strict=True))
    return Call(given, named) if changed else None


def _ordinary(value: Any) -> Any:
    if isinstance(value, (np.number, np.bool_)):
        return value.item()
    if type(value) in (list, tuple) and any(isinstance(each, np.number) for each in value):
        return type(value)(map(_ordinary, value))
    return value


def with_numbers(home: str, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]] | None:
    """The arguments of a call with numbers where a tensor of one number stands for one; None where there is no such."""
    found = known(home, name)
    if found is None:
        return None
    owner = 1 if home == "method" else 0
    for one in found[2]:
        if judged(home, found[0], False, [one], args, kwargs)[0] is not None:
            continue
        kinds = [parameter.kind for parameter in one.parameters]
        wanted = dict(zip((parameter.name for parameter in one.parameters), kinds, strict=True))
        given = [*args[:owner], *(_number(value, kinds[min(k, len(kinds) - 1)]) for k, value in enumerate(args[owner:]))]
        named = {key: _number(value, wanted.get(key, "Tensor")) for key, value in kwargs.items()}
        changed = any(a is not b for a, b in zip((*args, *kwargs.values()), (*given, *named.values()), strict=True))
        return (given, named) if changed else None
    return None


def _number(value: Any, kind: str) -> Any:
    if kind == "Tensor" or kind == "tuple of Tensors":
        return value
    if isinstance(value, (tuple, list)) and any(isinstance(each, Tensor) for each in value):
        return type(value)(_number(each, kind) for each in value)
    return value.item() if isinstance(value, Tensor) else value


def _handed_on(home: str, name: str, row: dict[str, Any], args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Exception | None, bool]:
    """What becomes of a call of a function that is written in Python, as `signatures.judged` tells it."""
    bound = _bound(row["takes"], args, kwargs)
    if bound is None:
        return _unbound(row, name, args, kwargs), False
    if "else" in row:
        chooses, other = row["else"]
        if bound[chooses] is not None and bound[chooses] is not False:
            row = table()["python"][home][other]
    always = True
    for asked in row.get("asks", ()):
        if isinstance(asked, dict):
            told, fits = _parser(asked, bound)
            always = always and fits
        else:
            told = _without(asked, bound)
        if told is not None:
            return told, False
    if "to" not in row:
        return None, always
    told, fits = _parser(row, bound)
    return told, always and fits


def _parser(row: dict[str, Any], bound: dict[str, Any]) -> tuple[Exception | None, bool]:
    """What a parser says of the arguments that it is given; "if": only where that holds."""
    condition = row.get("if", "")
    if not _holds(condition, bound):  # which says the class of an argument, but for False
        return None, bound[condition.partition(":")[0]] is not False
    given: list[Any] = []
    named: dict[str, Any] = {}
    for argument in row["given"]:
        word, _, value = argument.rpartition("=")
        if word:
            named[word] = bound[value]
        else:
            given.append(_passed(value, bound))
    ending = "_" if bound.get("inplace") is True else ""
    return judged("", row["to"] + ending, False, [parsed(text) for text in row["signatures"]], given, named)


def _holds(condition: str, bound: dict[str, Any]) -> bool:
    """Whether an argument is given, "x:int" is a number, or "x:list" none and no tensor."""
    name, _, wanted = condition.partition(":")
    value = bound[name] if name else None
    if wanted:
        return not isinstance(value, Tensor) and isinstance(value, int) is (wanted == "int")
    return not name or (value is not None and value is not False)


def as_handed(home: str, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Call | None, bool]:
    """A call of a function that PyTorch writes in Python as its own body hands it on, what may be left out by name, or None; whether a parser takes it."""
    parser = known(home, name) is not None
    row = table()["python"].get(home, {}).get(name)
    bound = None if row is None else _bound(row["takes"], args, kwargs)
    if bound is None or row is None or row["takes"][0][0].startswith("*"):
        return None, parser
    optional = {parameter[0] for parameter in row["takes"] if len(parameter) > 1}
    return Call(tuple(v for k, v in bound.items() if k not in optional), {k: v for k, v in bound.items() if k in optional}), parser


def _bound(takes: list[list[Any]], args: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments by their names, with what stands for those that are not given; None where they fit no such function."""
    if takes[0][0].startswith("*"):
        named = {parameter[0]: parameter[1] for parameter in takes[1:]}
        return {takes[0][0][1:]: tuple(args), **named, **kwargs} if kwargs.keys() <= named.keys() else None
    names = [parameter[0] for parameter in takes]
    if len(args) > len(names) or any(key not in names[len(args) :] for key in kwargs):
        return None
    bound = {parameter[0]: parameter[1] for parameter in takes if len(parameter) > 1}
    bound.update(zip(names, args, strict=False))
    bound.update(kwargs)
    return bound if len(bound) == len(names) else None


def _unbound(row: dict[str, Any], name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> TypeError | None:
    """What Python says of arguments that a function does not have: what it says of a function with the same parameters."""
    parameters = [parameter[0] + ("=None" if len(parameter) > 1 else "") for parameter in row["takes"]]
    made: dict[str, Any] = {}
    exec(f"def made({', '.join(parameters)}): pass", made)
    called = row.get("called", name)
    if not isinstance(called, str):  # of several functions the one that an argument chooses
        names = [parameter[0] for parameter in row["takes"]]
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        called = next(word for chooses, word in called if not chooses or (chooses in given and given[chooses] not in (None, False)))
    made["made"].__qualname__ = called
    try:
        made["made"](*args, **kwargs)
    except TypeError as told:
        return TypeError(str(told))
    return None


def _without(asked: str, bound: dict[str, Any]) -> Exception | None:
    """The error of `input.size()` where the argument has no such thing; "input.size()?training": only where that one is given."""
    wanted, _, condition = asked.partition("?")
    name, _, attribute = wanted.partition(".")
    value = bound[name]
    if isinstance(value, Tensor) or not _holds(condition, bound):
        return None
    calls, attribute = attribute.endswith("()"), attribute.removesuffix("()")
    if not hasattr(value, attribute):
        return no_attribute(value, attribute)
    if calls and not callable(getattr(value, attribute)):
        return TypeError(f"'{spoken_class(getattr(value, attribute))}' object is not callable")
    return None


def _passed(argument: str, bound: dict[str, Any]) -> Any:
    """What a parser gets for "_" (something that was computed), "1" (that number), "x", "x*2" (twice, where it is no list), "x^" (a list in
    place of many), "x&" (the only one of many, or all), or "x$" (something else where it is a word or nothing)."""
    if argument == "_":
        return ANYTHING
    if argument.isdigit():
        return int(argument)
    if argument.endswith("$"):
        value = bound[argument[:-1]]
        return ANYTHING if value is None or isinstance(value, str) else value
    if argument.endswith("&"):
        many = bound[argument[:-1]]
        return many[0] if len(many) == 1 else many
    if argument.endswith("^"):
        many = bound[argument[:-1]]
        return many[0] if len(many) == 1 and isinstance(many[0], (tuple, list)) else many
    name, twice, _ = argument.partition("*")
    value = bound[name]
    if not twice:
        return value
    if isinstance(value, Tensor):
        return ANYTHING
    return tuple(value) if isinstance(value, Iterable) else (value, value)


__all__ = ["admit", "as_handed", "with_numbers"]
