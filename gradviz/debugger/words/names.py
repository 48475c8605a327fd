"""What nodes are called: by their variable, else by what they computed, as the script could have written it: "x + 2", "z.mean()"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...recording.event import Event, Kind, Site

if TYPE_CHECKING:
    from ..trace.trace import Trace

_SIGNS = {"add": "+", "sub": "-", "rsub": "-", "mul": "*", "div": "/", "matmul": "@", "mm": "@", "mv": "@", "pow": "**"}
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "**": 4}
_MINUS, _ATOM = 3, 5  # how strongly a sign in front, and a name or a call, hold together
_LONGEST = 48  # characters of an expression before it is shortened to its op
_SHORT = 26  # of one that stands for a name
_DEPTH = 4  # unnamed ops written into each other


def node_title(trace: Trace, site: Site) -> str:
    """The variable's name where the script gave one, else the op's."""
    if site.role == "bucket":
        leaf = trace.leaf_of.get(site.index)
        return f"{trace.recording.sites[leaf].name or 'leaf'}.grad" if leaf is not None else "grad"
    return site.name or site.op


def expression(trace: Trace, event: Event) -> str:
    """What an op's event computed."""
    return _written(trace, event, _DEPTH)[0]


def name_of(trace: Trace, site_number: int, at: int) -> str:
    """What to call a node in a sentence: its variable, else what it computed ("y * y"), else its op."""
    if site_number < 0:
        return "a tensor"
    site = trace.recording.sites[site_number]
    row = trace.latest_made(site_number, at)
    if site.name or site.role not in ("op", "view") or row is None:
        return node_title(trace, site)
    text = expression(trace, trace.event(row))
    return text if len(text) <= _SHORT else site.op


def read_name(trace: Trace, location: int, at: int) -> str:
    """What to call what an event reads: of an op with several outputs (a, b = h.chunk(2)) the one that is read."""
    return part_name(trace, location, at) or name_of(trace, trace.producer(location, at), at)


def part_name(trace: Trace, location: int, at: int) -> str:
    """The name of an output that is not the first of several, whose node is called by the first; "" for any other tensor."""
    row = trace.last_write(location, at - 1)
    made = trace.event(row) if row is not None else None
    if made is None or len(made.writes) < 2 or made.writes[0].location == location or not any(w.location == location for w in made.writes):
        return ""
    return _variable(trace, location, at) or trace.recording.sites[made.site].op


def output_names(trace: Trace, event: Event) -> tuple[str, ...]:
    """What the results of an op that has several are called: by their variables, else as fields of what PyTorch returns (".indices"),
    else by their number; () where there is only one."""
    if len(event.writes) < 2 or event.kind not in (Kind.OP, Kind.VIEW):
        return ()
    from engine.ops.reductions.statistics import FIELDS  # with all of the engine's tables: not before the window stands

    fields = FIELDS.get(str(event.detail.get("op")), [])
    others = [f".{field}" for field in fields] if len(fields) == len(event.writes) else [f"output {k}" for k in range(len(event.writes))]
    named = (_variable(trace, ref.location, trace.columns.length) for ref in event.writes)
    return tuple(name or other for name, other in zip(named, others, strict=True))


def result_name(trace: Trace, call: int, output: int, at: int) -> str:
    """What to call one result of a call in a sentence; where it has only one, that is its node."""
    node = name_of(trace, trace.site_of_call(call), at)
    made = trace.rows_of_call(call).made
    names = output_names(trace, trace.event(made[0])) if made else ()
    if output >= len(names):
        return node
    name = names[output]
    return node + name if name.startswith(".") else name if name.isidentifier() else f"{name} of {node}"


def _variable(trace: Trace, location: int, before: int) -> str:
    """The variable that a tensor was last bound to before an event, "" for none."""
    bound = [k for k in trace.recording.reads_of(location).tolist() if k < before and trace.columns.kind[k] == int(Kind.BIND_NAME)]
    return str(trace.event(bound[-1]).detail.get("name", "")) if bound else ""


def _written(trace: Trace, event: Event, depth: int) -> tuple[str, int]:
    """An op's expression, and how strongly it holds together."""
    operands: dict[int, tuple[str, int]] = {int(k): (_constant(v), _ATOM) for k, v in (event.detail.get("numbers") or {}).items()}
    ports = event.detail.get("ports") or range(len(event.reads))
    for port, ref in zip(ports, event.reads, strict=False):
        operands[int(port)] = _operand(trace, ref.location, event.index, depth)
    words = [operands[k] for k in sorted(operands)]
    site = trace.recording.sites[event.site]
    op = str(event.detail.get("op") or site.op)
    params = {str(k): v for k, v in (event.detail.get("params") or {}).items() if v is not None and v is not False}
    if op == "pow" and len(words) == 1 and "exponent" in params:
        words.append((_constant(params.pop("exponent")), _ATOM))
    if op == "rsub":
        words.reverse()
    sign = _SIGNS.get(op)
    if sign and len(words) == 2 and params.get("alpha", 1) == 1:
        return _joined(words[0], sign, words[1])
    if op == "neg" and len(words) == 1:
        return f"-{_held(words[0], _MINUS)}", _MINUS
    if op == "linalg_vector_norm":  # what x.norm() is made of
        op, order = "norm", params.pop("ord", 2)
        params = params if order == 2 else {"p": order, **params}
    arguments = [f"{name}={_constant(value)}" for name, value in params.items()]
    if _is_function(op, site.grad_fn):
        return f"{op}.apply({', '.join([word for word, _ in words] + arguments)})", _ATOM
    if op == "index" and len(words) == 1 and words[0][0]:
        return f"{_held(words[0], _ATOM)}[...]", _ATOM
    if op.startswith("linalg_"):  # no methods of a tensor
        return f"linalg.{op.removeprefix('linalg_')}({', '.join([word for word, _ in words] + arguments)})", _ATOM
    if len(words) == 1 and words[0][0]:
        return f"{_held(words[0], _ATOM)}.{op}({', '.join(arguments)})", _ATOM
    return f"{op}({', '.join([word for word, _ in words] + arguments)})", _ATOM


def _is_function(op: str, grad_fn: str) -> bool:
    """Whether the script wrote it (torch.autograd.Function): PyTorch's own nodes have a number behind Backward, and no capital in front."""
    return grad_fn == f"{op}Backward" or op[:1].isupper()


def _joined(left: tuple[str, int], sign: str, right: tuple[str, int]) -> tuple[str, int]:
    """Two operands around a sign, in as many parentheses as Python needs."""
    strength = _STRENGTH[sign]
    return f"{_held(left, strength + (sign == '**'))} {sign} {_held(right, strength + (sign != '**'))}", strength


def _held(operand: tuple[str, int], strength: int) -> str:
    text, own = operand
    return text if own >= strength else f"({text})"


def _constant(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "(" + ", ".join(map(_constant, value)) + ")" if isinstance(value, (list, tuple)) else str(value)


def _operand(trace: Trace, location: int, at: int, depth: int) -> tuple[str, int]:
    """A tensor that an op read: by its name, else by what computed it."""
    site_number = trace.producer(location, at)
    if site_number < 0:
        return "a tensor", _ATOM
    site = trace.recording.sites[site_number]
    if site.name and (part := part_name(trace, location, at)):
        return part, _ATOM
    if site.name or site.role == "bucket":
        return node_title(trace, site), _ATOM
    row = trace.latest_made(site_number, at - 1)
    if site.role not in ("op", "view") or row is None or depth == 0:
        return site.op, _ATOM
    found = _written(trace, trace.event(row), depth - 1)
    return found if len(found[0]) <= _LONGEST else (site.op, _ATOM)
