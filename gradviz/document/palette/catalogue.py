"""What can be put on the canvas: every function and layer that the engine publishes, read off its own tables.

There is no second list: a function that gets a row in the engine stands in the palette by itself. Which of its
parameters are ports follows from PyTorch's names for tensor arguments.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, get_overloads

from ..expression.indexing import AT, INDEX, indexed
from ..model import REROUTE, TENSOR, Param

# PyTorch's names for arguments that are tensors
_TENSORS = frozenset(
    """
    input other tensor self weight bias target x1 x2 tensor1 tensor2 mat2 vec mask index condition query key value
    input1 input2 anchor positive negative logits src exponent running_mean running_var pos_weight var indices
    attn_mask x y a b A B L LU LU_data LU_pivots pivots batch1 batch2 vec2 mat1 offsets grid end values source theta
    boundaries sorted_sequence elements test_elements linear_weight log_probs targets input_lengths target_lengths
    """.split()  # noqa: SIM905 - a list of so many words reads better as words
)
_HIDDEN = frozenset(
    """
    out inplace size_average device layout memory_format pin_memory generator _stacklevel sparse_grad train
    requires_grad compute_mode as_tuple
    """.split()  # noqa: SIM905 - a list of so many words reads better as words
)
_NO_BLOCKS = re.compile(
    r"TypedStorage|is_.*|.*_like|numel|broadcast_shapes|allclose|equal|new_.*|get_device|result_type|from_numpy|as_tensor|asarray|tensor|fill|.*_with_indices|multi_head.*|detach"
)
# what a layer may be called with beside its inputs: a state to begin with, masks, bags
_LAYERS_TAKE = re.compile(r"hx|(.*_)?mask|offsets|per_sample_weights")
_ROWS_OF_TENSORS = ("tensors", "matrices", "operands")
_MANY = ("dims", "dims_", "size", "repeats")  # what methods take as (2, 3) or as 2, 3
# PyTorch's documented parameters of functions that themselves take *args
_STARRED: dict[str, Callable[..., Any]] = {"einsum": lambda equation, *operands: None}  # noqa: ARG005 - only its signature is read
# methods without a function of their own beside those that are rows
_METHODS = ("expand_as", "view_as", "reshape_as", "type_as", "float", "double", "long", "bool", "unfold")
_MAKERS = ("creation", "sampling", "fill", "random_")
_LAYERS = {
    "activation": "Layers: activations",
    "loss": "Layers: losses",
    "conv": "Layers: convolution",
    "pooling": "Layers: pooling",
    "padding": "Layers: padding",
    "batchnorm": "Layers: normalization",
    "instancenorm": "Layers: normalization",
    "normalization": "Layers: normalization",
    "dropout": "Layers: dropout",
    "rnn": "Layers: recurrent",
}
WORDS = {
    "torch.mul": "*",
    "torch.add": "+",
    "torch.sub": "-",
    "torch.div": "/",
    "torch.matmul": "@",
    "torch.pow": "**",
    "torch.neg": "-x",
}
# names of PyTorch for what has a more usual one, and what is there for its own use
_SECOND = frozenset(
    """
    absolute arccos arccosh arcsin arcsinh arctan arctan2 arctanh clip concat concatenate divide fix ger inverse moveaxis multiply negative
    pinverse row_stack subtract swapaxes swapdims trapz true_divide conj_physical grid_sampler
    grid_sampler_2d grid_sampler_3d unsafe_chunk unsafe_split unsafe_split_with_sizes upsample_bilinear upsample_nearest feature_dropout
    """.split()  # noqa: SIM905 - a list of so many words reads better as words
)
V = TypeVar("V")
MISSING = "…"  # stands for a required parameter that is not set
# the most used first, as quick-add offers them; all the others follow by name
_FIRST = (
    "tensor",
    "torch.add",
    "torch.mul",
    "torch.sub",
    "torch.mean",
    "torch.sum",
    "torch.matmul",
    "torch.pow",
    "F.relu",
    "torch.sigmoid",
    "torch.tanh",
    "F.mse_loss",
    "torch.exp",
    "torch.log",
    "torch.div",
    "nn.Linear",
    "F.cross_entropy",
    "F.softmax",
    "nn.Conv2d",
    "F.max_pool2d",
    "torch.flatten",
    "torch.reshape",
    "nn.BatchNorm2d",
    "nn.Embedding",
    "F.dropout",
    "F.linear",
    "torch.detach",
)


@dataclass(frozen=True, slots=True)
class Port:
    """An input for a tensor. `many`: it takes a row of them; `star`: as arguments one after the other; `gaps`: with None where none is."""

    name: str
    optional: bool = False
    many: bool = False
    star: bool = False
    gaps: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter that is no tensor, with what it is where nothing is set."""

    name: str
    default: Param
    required: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of block.

    Attributes:
        order: the parameters that have no default, ports and settings, as a call has them one after the other.
        places: all parameters that a call may have one after the other.
        inner: of a layer that is made of copies of another one (nn.TransformerEncoder) that one's name; its settings are among those here.
    """

    op: str
    title: str
    category: str
    ports: tuple[Port, ...]
    settings: tuple[Setting, ...] = ()
    call: Callable[..., Any] | None = None
    layer: bool = False
    elementwise: bool = False
    differentiable: bool = True
    alias: bool = False  # a second name of a row
    doc: str = ""
    order: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    inner: str = ""

    def port(self, name: str) -> Port | None:
        """The port with a name; "tensors.2" is one of "tensors"."""
        base = name.partition(".")[0]
        return next((p for p in self.ports if p.name == base and (p.many or p.name == name)), None)

    def in_call(self, arguments: Mapping[str, V]) -> tuple[list[V], dict[str, V]]:
        """What stands at a layer's inputs, as its call has it: what it needs one after the other, the rest by name."""
        optional = {p.name for p in self.ports if p.optional}
        return [v for k, v in arguments.items() if k not in optional], {k: v for k, v in arguments.items() if k in optional}


@cache
def catalogue() -> dict[str, Entry]:
    """All entries by id, in the order in which they are offered."""
    import engine.torch_module as torch_module
    from engine.naming.namespace import FUNCTIONAL, LINALG, SPECIAL, TORCH

    torch = torch_module.module()
    public = {*TORCH, *FUNCTIONAL, *LINALG, *SPECIAL}
    rows = _rows()
    found: dict[str, Entry] = {
        TENSOR: Entry(TENSOR, "tensor", "Tensors", (), doc="Numbers that you write, or that are drawn."),
        REROUTE: Entry(REROUTE, "reroute", "Canvas", (Port("input"),), doc="A knot that leads a wire round a corner."),
    }
    for prefix, table in (("torch", TORCH), ("F", FUNCTIONAL), ("torch.linalg", LINALG), ("torch.special", SPECIAL)):
        for name, function in table.items():
            made = _function(f"{prefix}.{name}", name, function, rows, table)
            if made is not None:
                found[made.op] = made
    found["torch.detach"] = Entry(
        "torch.detach",
        "detach",
        "Autograd",
        (Port("input"),),
        call=torch.Tensor.detach,
        differentiable=False,
        order=("input",),
        places=("input",),
    )
    for name, method in vars(torch.Tensor).items():
        if name in _METHODS or (name in rows and name not in public):
            made = _function(f"Tensor.{name}", name, method, rows, {})
            if made is not None:
                found[made.op] = made
    found[INDEX] = Entry(
        INDEX, "index", "Indexing", (Port("input"), Port(AT, True, True, gaps=True)), (Setting("index", MISSING, True),), indexed,
        doc="x[0], x[:, 1:3]: elements by their places. In x[:, at0] at0 is the tensor that is connected to that port.",
        order=("input", "index"), places=("input", "index"),
    )  # fmt: skip
    for name in dir(torch.nn):
        made = _layer(name, getattr(torch.nn, name), torch.nn.Module)
        if made is not None:
            found[made.op] = made
    rank = {op: k for k, op in enumerate(_FIRST)}
    return dict(sorted(found.items(), key=lambda kv: (rank.get(kv[0], len(rank)), kv[1].title.lower(), kv[0])))


def entry(op: str) -> Entry | None:
    """The entry of an id, None where the engine has no such function."""
    return catalogue().get(op)


@cache
def may_draw(op: str) -> bool:
    """Whether an op may draw random numbers: a run, and the program that is written of it, then begin with the same seed."""
    found = entry(op)
    return op.startswith(("F.", "nn.")) or "dropout" in op or "rrelu" in op or (found is not None and found.category == "Random")


def offered() -> list[Entry]:
    """What the palette shows: each function once, under its usual name; the others are found by typing them."""
    seen: set[str] = set()
    made = []
    for e in catalogue().values():
        if e.op != REROUTE and not e.alias and e.title not in seen and e.title not in _SECOND:
            seen.add(e.title)
            made.append(e)
    return made


def _rows() -> dict[str, tuple[str, Any]]:
    """The engine's rows by name, with the family that they stand in."""
    import sys

    from engine.op import Op

    made: dict[str, tuple[str, Any]] = {}
    for module, content in list(sys.modules.items()):
        if module.startswith("engine.ops."):
            for value in vars(content).values():
                if isinstance(value, Op):
                    made.setdefault(value.name, (module.rpartition(".")[2], value))
    return made


def _row_of(name: str, function: Any, rows: dict[str, tuple[str, Any]]) -> Any:
    """The row that a published function runs: the one in its closure, else the one with its name."""
    from engine.op import Op

    for cell in getattr(function, "__closure__", None) or ():
        if isinstance(cell.cell_contents, Op):
            return cell.cell_contents
    return rows[name][1] if name in rows else None


def _function(op: str, name: str, function: Any, rows: dict[str, tuple[str, Any]], table: dict[str, Any]) -> Entry | None:
    if name.endswith("_") or name.startswith(("_", "<")) or _NO_BLOCKS.fullmatch(name) or not callable(function):
        return None
    row = _row_of(name, function, rows)
    home = str(getattr(function, "__module__", ""))
    family = rows[row.name][0] if row is not None and row.name in rows else home.rpartition(".")[2]
    if family in _MAKERS or home.startswith("engine.creation."):
        return None
    try:
        parameters = list(inspect.signature(_STARRED.get(name, function)).parameters.values())
    except (TypeError, ValueError):
        return None
    if op.startswith("torch.") and any(p.name == "cudnn_enabled" or (p.name == "reduction" and p.annotation == "int") for p in parameters):
        return None  # the forms of PyTorch's parser, whose reductions are numbers: F has the documented ones
    if op.startswith("Tensor.") and parameters and not parameters[0].name.startswith("input"):
        parameters[0] = parameters[0].replace(name="input")
    ports, settings, order = _sorted_out(parameters)
    if not ports:
        return None
    return Entry(
        op,
        name,
        _category(op, family),
        ports,
        settings,
        function,
        False,
        bool(row is not None and row.elementwise),
        row is None or row.differentiable,
        row is not None and row.name != name and row.name in rows and row.name in table,
        _first_line(function),
        order,
        tuple(n for n in (p.name.rstrip("_") for p in parameters) if n in {*(p.name for p in ports), *(s.name for s in settings)}),
    )


def _layer(name: str, cls: Any, base: Any) -> Entry | None:
    if (
        name.startswith("_")
        or not (inspect.isclass(cls) and issubclass(cls, base))
        or cls is base
        or name in ("Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict", "Container")
    ):
        return None
    made, run = _signatures(cls)
    inner = f"{name}Layer" if any(p.name in ("encoder_layer", "decoder_layer") for p in made) else ""
    call: Callable[..., Any] = cls
    if inner:  # a stack of copies of another layer: one node, with the settings of both
        import engine.torch_module as torch_module

        part = getattr(torch_module.module().nn, inner)
        held = _signatures(part)[0]
        call = _stack(cls, part, {p.name for p in held})
        made = [*held, *(p for p in made if p.name in ("num_layers", "enable_nested_tensor"))]
    ports = tuple(
        Port(p.name, p.default is not p.empty, p.name == "hx" and name.startswith("LSTM"))  # its state is a pair
        for p in run
        if p.kind == p.POSITIONAL_OR_KEYWORD and (p.default is p.empty or _LAYERS_TAKE.fullmatch(p.name))
    )
    hidden = {*_HIDDEN, "dtype", "reduce"}
    settings = tuple(
        Setting(p.name, MISSING if p.default is p.empty else _plain(p.default), p.default is p.empty)
        for p in made
        if p.name not in hidden and p.name[0] != "_" and p.kind == p.POSITIONAL_OR_KEYWORD
        if p.default is p.empty or _is_plain(p.default)
    )
    family = str(cls.__module__).rpartition(".")[2]
    category = _LAYERS.get(family, "Layers")
    return Entry(f"nn.{name}", name, category, ports, settings, call, True, doc=_first_line(cls), inner=inner) if ports else None


def _stack(cls: Any, part: Any, held: set[str]) -> Callable[..., Any]:
    """What makes a layer of copies of another one, from the settings of both."""

    def made(**settings: Any) -> Any:
        one = part(**{k: v for k, v in settings.items() if k in held})
        return cls(one, **{k: v for k, v in settings.items() if k not in held})

    return made


def _signatures(cls: Any) -> tuple[list[inspect.Parameter], list[inspect.Parameter]]:
    """The parameters of a layer's constructor, and of its call."""
    from engine.naming.namespace import FUNCTIONAL
    from engine.nn.modules.layer import RowLayer

    if not issubclass(cls, RowLayer):
        written = [vars(c)["__init__"] for c in cls.__mro__ if "__init__" in vars(c)]
        told = (next(iter(get_overloads(i)), i) if inspect.isfunction(i) else i for i in written)
        inits = [list(inspect.signature(init).parameters.values())[1:] for init in told]
        telling = next((ps for ps in inits if not any(p.kind == p.VAR_POSITIONAL for p in ps)), [])
        return telling, list(inspect.signature(cls.forward).parameters.values())[1:]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD  # a layer that is one function with options: what is no option is given in the call
    made = [inspect.Parameter(n, kind, default=default) for n, default in cls.options.items() if n not in cls.buffers_named]
    function = FUNCTIONAL.get(cls.function)
    run = inspect.signature(function).parameters.values() if function is not None else ()
    return made, [p for p in run if p.name not in cls.options and p.name != "value" and _is_tensor(p, set())]


def _sorted_out(parameters: list[inspect.Parameter]) -> tuple[tuple[Port, ...], tuple[Setting, ...], tuple[str, ...]]:
    """Ports and settings of a signature, and those of both that have no default."""
    names = {p.name for p in parameters}
    hidden = {*_HIDDEN, "dtype"} | ({"reduce"} if "size_average" in names else set())
    ports: list[Port] = []
    settings: list[Setting] = []
    order: list[str] = []
    for p in parameters:
        optional = p.default is not p.empty and type(p.default) is not object  # an object() says that nothing was given
        placed = p.kind != p.KEYWORD_ONLY
        if p.name in _ROWS_OF_TENSORS:
            ports.append(Port(p.name, False, True, p.kind == p.VAR_POSITIONAL))
            order.append(p.name)
        elif p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            if p.name in (*_MANY, "args") and not ports:
                return (), (), ()
            if p.name in _MANY:
                settings.append(Setting(p.name.rstrip("_"), MISSING, True))
                order.append(p.name.rstrip("_"))
        elif _is_tensor(p, names) and (placed or p.name == "other"):
            ports.append(Port(p.name, optional))
            order += [p.name] if not optional and placed else []
        elif ((p.name in hidden or p.name[0] == "_") and optional) or (p.name == "dims" and any(s.name == "dims" for s in settings)):
            continue
        elif not optional or _is_plain(p.default):
            settings.append(Setting(p.name, _plain(p.default) if optional else MISSING, not optional))
            order += [p.name] if not optional and placed else []
    return tuple(ports), tuple(settings), tuple(order)


def _is_tensor(p: inspect.Parameter, names: set[str]) -> bool:
    """Whether a parameter takes a tensor: by its name, and by what stands beside it."""
    if p.name == "value" and "key" not in names:
        return p.default is p.empty  # the number that fills or scales
    return p.name in _TENSORS and not (p.name == "source" and "destination" in names)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str)) or (isinstance(value, (list, tuple)) and all(map(_is_plain, value)))


def _plain(value: Any) -> Param:
    return tuple(_plain(v) for v in value) if isinstance(value, (list, tuple)) else value


def _category(op: str, family: str) -> str:
    names = {
        "elementwise": "Elementwise",
        "functions": "Functions",
        "activation": "Activations",
        "reduce": "Reductions",
        "statistics": "Statistics",
        "linalg": "Linear algebra",
        "loss": "Losses",
        "reshape": "Shapes",
        "shape": "Shapes",
        "join": "Joining",
        "index": "Indexing",
        "norms": "Norms",
        "normalization": "Normalization",
        "conv": "Convolution",
        "pool": "Pooling",
        "padding": "Padding",
        "embedding": "Embedding",
        "attention": "Attention",
        "random": "Random",
        "gammas": "Functions",
        "rows": "Functions",
        "class_losses": "Losses",
        "counting": "Statistics",
        "cumulative": "Reductions",
        "softmax": "Activations",
        "matrix": "Linear algebra",
        "matrix_functions": "Linear algebra",
        "factorization": "Linear algebra",
        "solving": "Linear algebra",
        "lu": "Linear algebra",
        "products": "Linear algebra",
        "einsum": "Linear algebra",
        "special": "Functions",
        "order": "Statistics",
        "strides": "Shapes",
        "resample": "Resampling",
        "storage": "Shapes",
        "collect": "Shapes",
        "casting": "Shapes",
    }
    if op.startswith("torch.linalg"):
        return "Linear algebra"
    return "Losses" if op.endswith("_loss") else names.get(family, family.replace("_", " ").capitalize())


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n", 1)[0]
