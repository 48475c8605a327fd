"""Errors whose text says what is wrong and not why: a row each, with what it means, the culprit, and the usual mend."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ...recording.event import Event, Kind
from ..inspection.why_no_gradient import decorator
from ..script.syntax import syntax_tree, walk
from .finding import Diagnosis, Fix, maker, replaced, source_line
from .graph.taken_out import kept, taken_out
from .python.definitions import handed_in, returned
from .row import NAME, Row
from .shapes.shape_rows import ROWS as SHAPE_ROWS
from .training.training_rows import ROWS as TRAINING_ROWS

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun

ROWS = (
    # the vector of backward()
    Row(r"Mismatch in shape: grad_output\[(\d+)\] has a shape of torch\.Size\((\[.*?\])\) and output\[\d+\] has a shape of torch\.Size\((\[.*?\])\)",
        "vector of another shape", "The vector v that line {line} gives to backward has shape {1}, and {name} has shape {2}: v is one weight for each element.",
        "Give it the shape of {name}: torch.ones_like({name}) weighs all elements equally.",
        NAME + r"\.backward\(|grad\(\s*" + NAME, (r"(\w+)\.backward\((?:gradient=)?[^)]*\)+", r"\1.backward(torch.ones_like(\1))")),
    Row(r"gradients can be either Tensors or None, but got (\w+)", "vector is no tensor",
        "backward() in line {line} was given a {0}; it wants a tensor of the shape of {name}, or nothing when {name} is one number.",
        "Write a tensor, or call backward() without arguments.", NAME + r"\.backward\(", (r"\.backward\(([-\w.]+)\)", r".backward(torch.tensor(\1))")),
    Row(r"'(float|int)' object is not iterable", "vector is no tensor", "A plain {0} was given in line {line} where tensors are wanted.",
        "Wrap it up: torch.tensor(...).", NAME + r"\.backward\(", (r"\.backward\(([-\w.]+)\)", r".backward(torch.tensor(\1))")),
    Row(r"got (\d+) tensors and (\d+) gradients", "as many vectors as roots", "Line {line} goes back from {0} roots, and was given {1} vectors: each root has its own.",
        "Give a vector (or None) for each root."),
    Row(r"`inputs` argument to `backward\(\)` cannot be empty", "nothing to fill", "Line {line} asks for the gradients of no tensor at all.",
        "Leave inputs out to fill every leaf, or name some.", "", (r",?\s*inputs=(\[\]|\(\))", "")),
    Row(r"implicitly created only for real scalar outputs but got (\S+)", "complex root", "{name} is complex ({0}): it has no order, so there is no direction in which it grows.",
        "Go back from a real number: abs(), .real or .imag of it.", NAME + r"\.backward\(", (r"(\w+)\.backward\(", r"\1.abs().backward(")),
    Row(r"One of the differentiated Tensors does not require grad", "input does not require grad",
        "grad() in line {line} is asked for the gradient of a tensor that does not require grad: nothing of what was computed from it was recorded.",
        "Make it with requires_grad=True before anything is computed from it.", r"grad\([^,]+,\s*\[?\(?" + NAME),
    Row(r"'(float|int|bool)' object has no attribute '(backward|grad|requires_grad\w*|detach)'", "a number, no tensor",
        "{name} is a plain {0} in line {line}: item(), float() or numpy took it out of the graph, and a number has no history.",
        "Call {1} on the tensor, and item() only where you print.", NAME + r"\.(?:backward|grad|requires_grad|detach)", None),
    Row(r"Expected more than 1 value per channel when training, got input size (torch\.Size\(\[.*?\]\))", "batch_norm of one sample",
        "Line {line} runs batch_norm in training mode on one sample ({0}): it wants to divide by the spread of the batch, and one sample has none.",
        "Call model.eval() before evaluating: then batch_norm uses its running mean. In training leave out a last batch of one (drop_last=True)."),
    Row(r"Expected parameter (\w+) .*?of distribution (\w+)\(.*to satisfy the constraint (\w+)", "no distribution",
        "Line {line} makes a {1} whose {0} must be {2}, and was given numbers that are not: what a layer gives may be any number, also below 0.",
        "Bring it into its range first: F.softplus(x) + 1e-6 or exp() for a spread, softmax or logits=... for probabilities."),
    Row(r"expected target dtype to be Long or Byte, but got (\w+)|expected scalar type Long but found (\w+)", "targets are no class numbers",
        "The target of the loss in line {line} is of the wrong dtype: without the shape of the logits it must hold class numbers (int64), one for each sample.",
        "Convert it: target.long(). Probabilities need the shape of the logits, (N, C)."),
    Row(r"0D or 1D target tensor expected, multi-target not supported", "targets have two dimensions",
        "The loss in line {line} wants one class number for each sample, shape (N,), and was given a matrix.",
        "Take the column: target.squeeze(1); or of one-hot rows the place of the 1: target.argmax(dim=1)."),
    Row(r"Expected floating point type for target with class probabilities, got (\w+)", "one-hot targets",
        "The target in line {line} has the shape of the logits, so it is read as probabilities: those are floating point numbers.",
        "Write target.float(), or give class numbers: target.argmax(dim=1)."),
    Row(r"Target (-?\d+) is out of bounds", "no such class", "Line {line} names class {0}, and the logits have fewer classes than that (they are counted from 0).",
        "Count classes from 0, and give the last layer as many outputs as there are classes."),
    Row(r"Expected target size \[(.+?)\], got \[(.+?)\]", "classes in another dimension",
        "The loss in line {line} takes dimension 1 of the logits for the classes, and so wants a target of shape [{0}]; it was given [{1}].",
        "Bring the classes to dimension 1: logits.permute(0, 2, 1) or transpose(1, 2); or flatten both: logits.reshape(-1, C) and target.reshape(-1)."),
    Row(r"Target size \(torch\.Size\((\[.*?\])\)\) must be the same as input size \(torch\.Size\((\[.*?\])\)\)", "target of another shape",
        "The loss in line {line} compares element by element: its input has shape {1}, and the target {0}.", "Bring both to one shape: target.unsqueeze(1), or input.squeeze(1)."),
    Row(r"^index out of range in self", "no such row", "Line {line} asks an embedding for a row that it does not have: its indices go from 0 to num_embeddings - 1.",
        "Make num_embeddings larger than the largest index, or look at the indices."),
    Row(r"all elements of input should be between 0 and 1", "no probabilities",
        "binary_cross_entropy in line {line} wants probabilities, from 0 to 1, and was given other numbers (logits?).",
        "Use binary_cross_entropy_with_logits (BCEWithLogitsLoss), or put a sigmoid before it.", "", (r"binary_cross_entropy\(", "binary_cross_entropy_with_logits(")),
    Row(r"view size is not compatible with input tensor's size and stride", "view of what is not in a row",
        "view() in line {line} cannot give the numbers another shape where they lie: after a transpose or permute they are not in a row.",
        "Use reshape(), which copies where it must.", "", (r"\.view\(", ".reshape(")),
    # flags and leaves
    Row(r"you can only change requires_grad flags of leaf variables", "flag of a non-leaf",
        "{name} was computed: whether it requires grad follows from what it was computed from, and cannot be set in line {line}.",
        "Cut the history off in a new tensor: {name}.detach().", NAME + r"\.requires_grad", (r"(\w+)\.requires_grad(?:_\(False\)|\s*=\s*False)", r"\1 = \1.detach()")),
    Row(r"cannot assign '(.+)' as parameter '(\w+)'", "plain tensor as a parameter",
        "{1} is a parameter of the module, and line {line} puts a plain tensor in its place: the optimizer would lose it.",
        "Wrap it up in nn.Parameter, or write into the old one: module.{1}.data.copy_(new).", "", (r"=\s*(.+)$", r"= torch.nn.Parameter(\1)")),
    Row(r"can't optimize a non-leaf Tensor", "optimizer of a non-leaf",
        "{name} was computed from something else, so it is no leaf: a step would move a result and not the numbers it comes from.",
        "Ask for grad last: compute the start value first, then .requires_grad_().", r"\w+\(\s*\[\s*" + NAME),
    Row(r"optimizer got an empty parameter list", "nothing to optimize",
        "The optimizer of line {line} was given no parameters: a module without any (layers in a plain list?), or a generator that was used up before.",
        "Call model.parameters() here again, keep layers in nn.ModuleList, or make a list of the generator."),
    Row(r"params argument given to the optimizer should be an iterable of Tensors or dicts, but got (\S+)", "no list of parameters",
        "Line {line} gives the optimizer one tensor; it wants a list of them.", "Put it in a list: [{name}].",
        r"\w+\(\s*" + NAME, (r"(optim\.\w+|SGD|Adam\w*)\(\s*(\w+)", r"\1([\2]")),
    Row(r"optimizer can only optimize Tensors, but one of the params is (\S+)", "no tensors among the parameters",
        "One of the parameters in line {line} is a {0}: parameters() gives tensors, named_parameters() pairs with names.", "Use model.parameters().", "",
        (r"named_parameters\(\)", "parameters()")),
    Row(r"Invalid (learning rate|momentum value|weight_decay value|\w+[^:]*): (.+)", "option out of range",
        "Line {line} sets the {0} to {1}, which is not in its range.", "A learning rate is a number from 0 up; 0.1 or 0.01 are usual with SGD.", "",
        (r"lr=-\s*([\d.e-]+)", r"lr=\1")),
    Row(r"attempting to assign a gradient of size '(.+?)' to a tensor of size '(.+?)'", ".grad of another shape",
        "{name} has shape {1}, and line {line} gives it a .grad of shape {0}: each element has one slope.", "Reduce or reshape it first.", NAME + r"\.grad"),
    Row(r"attempting to assign a gradient with dtype '(\w+)' to a tensor with grad_dtype '(\w+)'", ".grad of another dtype",
        "Line {line} gives {name} a .grad of dtype {0}, where {name} counts in {1}.", "Convert it: .to({name}.dtype).", NAME + r"\.grad",
        (r"(\w+)\.grad\s*=\s*(.+)$", r"\1.grad = (\2).to(\1.dtype)")),
    Row(r"assigned grad expected to be a Tensor or None but got grad of type (\w+)", ".grad is no tensor", "Line {line} gives {name} a .grad that is a {0}.",
        "Write a tensor of {name}'s shape, or None to clear it.", NAME + r"\.grad", (r"(\w+)\.grad\s*=\s*0(\.0*)?\s*$", r"\1.grad = None")),
    Row(r"can't assign Variable as its own grad", ".grad is the tensor itself", "Line {line} makes {name} its own gradient.", "Give it a copy: {name}.detach().clone().",
        NAME + r"\.grad", (r"(\w+)\.grad\s*=\s*\1\s*$", r"\1.grad = \1.detach().clone()")),
    Row(r"can't retain_grad on Tensor that has requires_grad=False", "nothing to retain", "{name} does not require grad, so no gradient ever comes by in line {line}.",
        "Make a leaf before it require grad.", NAME + r"\.retain_grad"),
    Row(r"cannot register a hook on a tensor that doesn't require gradient", "nothing to hook", "{name} does not require grad, so no gradient ever comes by, and the hook of line {line} would never run.",
        "Make a leaf before it require grad.", NAME + r"\.register_hook"),
    Row(r"post accumulate grad hooks cannot be registered on non-leaf tensors", "hook of a non-leaf", "{name} is no leaf: nothing accumulates there.",
        "Use register_hook() on it, or this hook on the leaf.", NAME + r"\.register_post", (r"register_post_accumulate_grad_hook", "register_hook")),
    # in-place writes that cannot be
    Row(r"output with shape (\[.*?\]) doesn't match the broadcast shape (\[.*?\])", "in-place cannot grow",
        "The result of line {line} has shape {1}, and {name} of shape {0} has no room for it: writing in place cannot make a tensor larger.",
        "Compute a new tensor instead.", NAME + r"(?:\.\w+_\(|\s*[-+*/]=)", (r"^(\s*)(\w+)\.(\w+)_\((.*)\)\s*$", r"\1\2 = \2.\3(\4)")),
    Row(r"more than one element of the written-to tensor refers to a single memory location", "several elements in one place",
        "{name} was expanded: several of its elements are the same number in memory, so a write in line {line} would hit them all.",
        "Copy it first: {name}.clone().", NAME + r"(?:\.\w+_\(|\s*[-+*/]=|\[)", (r"^(\s*)(\w+)(\.\w+_\(|\s*[-+*/]=|\[)", r"\1\2 = \2.clone()\n\1\2\3")),
    Row(r"result type (\w+) can't be cast to the desired output type (\w+)", "in-place cannot change the dtype",
        "The result of line {line} is of type {0}, and {name} of type {1} cannot hold it.", "Compute a new tensor, or make {name} floating first.",
        NAME + r"(?:\.\w+_\(|\s*[-+*/]=)", (r"^(\s*)(\w+)\.(\w+)_\((.*)\)\s*$", r"\1\2 = \2.\3(\4)")),
    Row(r"is a view and is being modified inplace\. This view is the output of a function that returns multiple views", "write into one of several views",
        "{name} is one of several views made at once (unbind, split, chunk): autograd cannot follow a write in line {line} through all of them.",
        "Copy it first: {name}.clone(), or write through an index of the whole.", NAME + r"(?:\.\w+_\(|\s*[-+*/]=|\[)"),
    Row(r"A view was created in no_grad mode and is being modified inplace with grad mode enabled", "view from no_grad",
        "{name} is a view that was made under no_grad, and line {line} writes through it where writes are recorded: should the whole know of it or not?",
        "Make the view where you write, or write under no_grad as well.", NAME + r"(?:\.\w+_\(|\s*[-+*/]=|\[)"),
    Row(r"Can't detach views in-place", "detach_ of a view", "{name} shares memory with another tensor, so it cannot be cut off in place in line {line}.",
        "Use {name} = {name}.detach().", NAME + r"\.detach_", (r"(\w+)\.detach_\(\)", r"\1 = \1.detach()")),
    Row(r"cannot resize variables that require grad", "resize of a tracked tensor", "{name} requires grad, and line {line} would change how many elements it has: its gradient would not fit.",
        "Make a new tensor of that size.", NAME + r"\.resize_"),
    Row(r"functions with out=\.\.\. arguments don't support automatic differentiation", "out= is not recorded",
        "out= in line {line} writes into memory of yours, and autograd cannot record that.", "Leave out= away, or compute under no_grad.", "", (r",\s*out=\w+", "")),
    Row(r"Only Tensors created explicitly by the user \(graph leaves\) support the deepcopy protocol", "copy of a graph",
        "{name} was computed: a deep copy in line {line} would have to copy its whole graph.", "Copy the numbers: {name}.detach().clone().",
        r"deepcopy\(\s*" + NAME, (r"copy\.deepcopy\((\w+)\)", r"\1.detach().clone()")),
    # modes
    Row(r"Inference tensors cannot be saved for backward", "made in inference mode", "{name} was made in inference_mode: it has no version counter, so autograd cannot keep it for backward in line {line}.",
        "Copy it outside ({name}.clone()), or use no_grad and not inference_mode.", r"=.*\(\s*" + NAME + r"\s*[,)]|=\s*" + NAME),
    Row(r"Setting requires_grad=True on inference tensor outside InferenceMode", "made in inference mode", "{name} was made in inference_mode, for good: it can never be a leaf of a graph.",
        "Copy it first: {name}.clone().requires_grad_().", NAME + r"\.requires_grad", (r"(\w+)\.requires_grad_\(\)", r"\1 = \1.clone().requires_grad_()")),
    Row(r"Inplace update to inference tensor outside InferenceMode", "made in inference mode", "{name} was made in inference_mode, and line {line} writes into it outside.",
        "Copy it first: {name}.clone().", NAME + r"(?:\.\w+_\(|\s*[-+*/]=|\[)", (r"^(\s*)(\w+)(\.\w+_\(|\s*[-+*/]=|\[)", r"\1\2 = \2.clone()\n\1\2\3")),
    # what has no slope
    Row(r"unscale_\(\) has already been called on this optimizer since the last update", "unscaled twice",
        "Line {line} divides gradients by the scale that were divided already: since the last unscale_() no update() has come. A turn that skips step() has to call update() all the same.",
        "Call scaler.update() at the end of each turn that calls unscale_(), also where step() is left out."),
    Row(r"derivative for aten::(\w+) is not implemented", "no derivative", "{0} has no derivative in PyTorch: it is a staircase, flat nearly everywhere and steep nowhere.",
        "Leave it out of the way to the loss, or use what is smooth: / for //, a sigmoid for a step.", "", (r"//", "/")),
    Row(r"The total norm of order .+ for gradients from `parameters` is non-finite", "gradients are not finite", "The gradients that line {line} clips are nan or inf already: clipping cannot mend them.",
        "Look at where the first nan or inf of the gradient comes from: the alarms name it."),
    Row(r"Jacobian mismatch for output (\d+) with respect to input (\d+)", "gradcheck failed",
        "The backward of what line {line} checks is not the slope of its forward by input {1}; or the input is float32, in which differences are too coarse, or stands on a kink.",
        "Check in float64 (dtype=torch.double), away from kinks; then compare the backward with the formula by hand."),
    # hooks and Functions of one's own
    Row(r"hook '(.+)' has changed the size of value", "hook of another shape", "The hook {0} gave back a gradient of another shape than the one it was given.", "Give back the same shape, or None to leave it as it is."),
    Row(r"expected Variable, but hook returned '(\w+)'", "hook gave no tensor", "A hook gave back a {0}: it may change a gradient into a tensor of its shape, or give None.", "Give back a tensor, or nothing."),
    Row(r"expected Variable or None \(got (\w+)\)", "backward gave no tensor", "The backward of a Function gave a {0} as a gradient.", "Give a tensor of the input's shape, or None."),
    Row(r"function (\w+) returned an incorrect number of gradients \(expected (\d+), got (\d+)\)", "as many gradients as inputs",
        "forward of the Function took {1} inputs, and its backward gave {2} gradients: one for each input, None for those without.", "Return {1} values from backward."),
    Row(r"Function (\w+) returned an invalid gradient at index (\d+) - got (\[.*?\]) but expected shape compatible with (\[.*?\])", "gradient of another shape",
        "backward of {0} gives input {1} a gradient of shape {2}; the input has shape {3}.", "Sum over the axes along which the input was broadcast, and keep its shape."),
    Row(r"You must implement either the backward or vjp method", "no backward", "The Function has a forward and no backward, so there is no way back through it.", "Write a static method backward(ctx, grad_output)."),
    Row(r"Legacy autograd function with non-static forward", "old kind of Function", "The Function's forward is a method of an instance, as it was before PyTorch 1.3.", "Make forward and backward static methods with ctx, and call .apply(...)."),
    Row(r"^not allowed here", "hooks are switched off", "saved_tensors_hooks were switched off for this block, with the words of its author.", "Leave the hooks away inside it."),
)  # fmt: skip


def explain(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """The row that an error's text belongs to, filled in; None where none does."""
    for row in (*ROWS, *SHAPE_ROWS, *TRAINING_ROWS):
        found = re.search(row.pattern, text)
        if found is not None:
            return _filled(run, row, found, line)
    return None


def _filled(run: RecordedRun, row: Row, found: re.Match[str], line: int) -> Diagnosis:
    subject = re.search(row.subject, source_line(run, line)) if row.subject else None
    name = next((group for group in subject.groups() if group), "") if subject is not None else ""
    made = maker(run, name) if name else None
    if made is None and name and (given := handed_in(run.recording.source, name, line)):
        name, made = given, maker(run, given)
    groups = tuple(group for group in found.groups() if group is not None) or ("",)
    shape = run.recording.form(made.writes[0].value)[0] if made is not None and made.writes and made.writes[0].value >= 0 else None
    words = {"name": name or "the tensor", "line": str(line), "shape": f" of shape {tuple(shape)}" if shape is not None else ""}
    sentence, advice = (_capital(part.format(*groups, **words)) for part in (row.sentence, row.advice))
    if made is not None and made.line and made.line != line:
        sentence += f" {name} comes from line {made.line}."
    failed = (run.columns.kind == int(Kind.ERROR)).nonzero()[0].tolist()
    event = made.index if made is not None else failed[-1] if failed else -1
    fix = replaced(run, line, *row.fix) if row.fix is not None else None
    if row.elsewhere is not None:
        fix = _elsewhere(run, *(part.format(*map(re.escape, groups)) for part in row.elsewhere))
    where = (
        returned(run.recording.source, groups[0].removesuffix("Backward"), "backward") if row.pattern.lower().startswith("function ") else 0
    )
    where = where or (_hooked(run.recording.source, groups[0]) if row.cause == "hook of another shape" else 0)
    where = where or (_mode_of(run, made) if row.cause == "made in inference mode" and made is not None else 0)
    number = taken_out(run.recording.source, name, line) if row.cause == "a number, no tensor" and name else 0
    if number:
        sentence += f" Line {number} takes the number out." if number != line else ""
        fix = fix or kept(run, number)
    where = where or number or (line if made is None and (fix is None or fix.line == line) else 0)
    return Diagnosis(row.cause, sentence, event, (made.site,) if made is not None and made.site >= 0 else (), fix, advice, where)


def _elsewhere(run: RecordedRun, pattern: str, by: str) -> Fix | None:
    """The fix in the one line of the script where something is found; None where several say it, and any of them may be meant."""
    lines = [number for number, text in enumerate(run.recording.source.splitlines(), 1) if re.search(pattern, text)]
    return replaced(run, lines[0], pattern, by) if len(lines) == 1 else None


def _mode_of(run: RecordedRun, made: Event) -> int:
    """Where the mode was switched on in which something was made: a decorator, or the line of the with."""
    entered = (run.columns.kind[: made.index] == int(Kind.MODE_ENTER)).nonzero()[0].tolist()
    return decorator(run.recording.source, made.line) or (run.trace.event(entered[-1]).line if entered else 0)


def _hooked(source: str, name: str) -> int:
    """The line of a hook's return; of a hook without a name the line that registers it."""
    tree = syntax_tree(source)
    found = [
        inner.lineno
        for node in walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == name
        for inner in walk(node)
        if isinstance(inner, ast.Return)
    ]
    lines = [number for number, text in enumerate(source.splitlines(), 1) if "register_hook(" in text]
    return max(found, default=lines[0] if len(lines) == 1 else 0)


def _capital(sentence: str) -> str:
    """ "the tensor" at the start of a sentence; a name stays as it is."""
    return f"T{sentence[1:]}" if sentence.startswith("the tensor") else sentence
