"""Terms of tensors and their flags."""

from __future__ import annotations

from .term import Term

TERMS: tuple[Term, ...] = (
    Term("tensor", "tensor", "An array of numbers with a shape and a dtype, which also knows whether it needs a gradient (`requires_grad`), where its gradient is kept (`.grad`) and which operation made it (`grad_fn`).",
         ("Tensor", "torch.tensor"), "torch.Tensor", "tensors.html", ("leaf", "shape", "dtype")),
    Term("leaf", "leaf", "A tensor that no recorded operation made: you created it, or it was made without history. Backward writes `.grad` only into leaves with `requires_grad=True`. `is_leaf` is also True for every tensor that does not require grad.",
         ("is_leaf", "leaf tensor", "leaf node"), "Tensor.is_leaf", "generated/torch.Tensor.is_leaf.html", ("requires_grad", "accumulate_grad", "retain_grad")),
    Term("requires_grad", "requires_grad", "The flag that says: track what is computed from this tensor, because its gradient will be wanted. On a leaf you set it; the result of an operation has it when at least one input has it and grad mode is on.",
         ("requires_grad_", "tracked", "tracking"), "Tensor.requires_grad", "generated/torch.Tensor.requires_grad.html", ("leaf", "no_grad", "grad_mode")),
    Term("parameter", "parameter", "A leaf that an optimizer changes: weights and biases. `nn.Parameter` is a tensor with `requires_grad=True` that its module lists in `parameters()`.",
         ("Parameter", "parameters", "weights", "bias", "named_parameters"), "torch.nn.Parameter", "generated/torch.nn.parameter.Parameter.html", ("leaf", "optimizer", "frozen")),
    Term("grad", ".grad", "Where a leaf keeps its gradient: a tensor of the same shape, or `None` before the first backward (and after `zero_grad`). Each backward pass adds to it; nothing empties it but you.",
         ("grad", ".grad", "gradient slot", "grad is None"), "Tensor.grad", "generated/torch.Tensor.grad.html", ("accumulate", "zero_grad", "retain_grad", "gradient")),
    Term("grad_fn", "grad_fn", "The node of the backward graph that belongs to the operation which made this tensor, such as `<MulBackward0>`. Leaves and untracked tensors have `None`. It is the place where the chain back to the inputs begins.",
         ("next_functions", "Backward0"), "Tensor.grad_fn", "generated/torch.autograd.graph.Node.html", ("node", "graph", "vjp")),
    Term("shape", "shape", "How many entries a tensor has along each axis. A gradient always has the shape of the value that it is the gradient of.",
         ("size", "dimension", "numel"), "Tensor.shape", "generated/torch.Tensor.shape.html", ("broadcasting", "scalar")),
    Term("dtype", "dtype", "The type of the numbers: float32, float64, int64, bool, … Only floating point and complex tensors can require grad: an integer has no small change.",
         ("float32", "float64", "int64", "bool"), "torch.dtype", "tensor_attributes.html", ("tensor", "gradcheck")),
    Term("scalar", "scalar", "A tensor with exactly one number. `backward()` without an argument works on scalars only, because then the seed is plainly 1.",
         ("zero-dimensional",), "", "generated/torch.Tensor.backward.html", ("seed", "vector_jacobian", "loss")),
    Term("view", "view", "A tensor that shares its memory with another one: `x[0]`, `x.T`, `x.reshape(…)`, `x.view(…)`. Writing through one changes both, and both share one version counter.",
         ("reshape", "transpose", "narrow", "select", "expand", "squeeze", "unsqueeze", "permute"), "Tensor.view", "tensor_view.html", ("storage", "version_counter", "in_place")),
    Term("storage", "storage", "The memory that the numbers of a tensor lie in. A tensor is a way to look at a storage; its views look at the same one, and the version counter belongs to it.",
         ("untyped_storage", "data_ptr"), "torch.UntypedStorage", "storage.html", ("view", "version_counter")),
    Term("version_counter", "version counter", "A number that a storage counts up at each write in place (`_version`). An operation notes it with each value that it saves; if it differs at backward time, the saved value is gone and PyTorch raises an error instead of giving a wrong gradient.",
         ("_version", "version", "stale"), "Tensor._version", "notes/autograd.html#in-place-correctness-checks", ("in_place", "saved", "storage")),
    Term("in_place", "in-place operation", "An operation that writes its result over its input: `x += 1`, `x.mul_(2)`, `x[0] = 0`. It raises the version counter. On a leaf that requires grad it is forbidden outside `no_grad`.",
         ("inplace", "add_", "mul_", "sub_", "copy_", "fill_", "zero_"), "", "notes/autograd.html#in-place-operations-with-autograd", ("version_counter", "saved", "leaf")),
    Term("broadcasting", "broadcasting", "Small tensors are read as if they were repeated to the larger shape: `(4, 3) + (3,)`. Backward is the mirror image: the gradient is summed over the axes that were repeated, so that it gets the small shape back.",
         ("broadcast", "expand_as", "sum_to_size", "un-broadcast"), "", "notes/broadcasting.html", ("shape", "sum_rule")),
    Term("detach", "detach", "Gives a tensor with the same numbers and the same memory, but without history: no gradient flows back through it. The original stays tracked.",
         ("detach_", "detached", "cut"), "Tensor.detach", "generated/torch.Tensor.detach.html", ("no_grad", "data", "storage")),
    Term("data", ".data", "An old way past autograd: the numbers without history, and without version check. A write through `.data` is not noticed, so that backward may silently use wrong values. Use `detach()` or `no_grad`.",
         (".data",), "Tensor.data", "notes/autograd.html#in-place-correctness-checks", ("detach", "version_counter")),
    Term("item", "item()", "Takes the number out of a tensor of one element, as a Python number. From there on no gradient is tracked: a loss built from `.item()` cannot be walked back.",
         ("tolist", "numpy"), "Tensor.item", "generated/torch.Tensor.item.html", ("detach", "scalar")),
    Term("nan", "nan and inf", "Not a number, and infinity: what 0/0, log(0) or an overflow leave behind. They spread through everything that reads them. Also 0 · inf is nan: so a branch that `where` did not take can still spoil a gradient.",
         ("inf", "isnan", "isfinite", "detect_anomaly", "where"), "torch.autograd.detect_anomaly", "autograd.html#anomaly-detection", ("clipping", "exploding")),
)  # fmt: skip
