"""Errors of shapes, dimensions, indexes, dtypes and arguments whose text says what is wrong: what it means, and the usual mend."""

from __future__ import annotations

from ..row import NAME, Row

_METHOD = NAME + r"\.\w+\("
_INDEXED = NAME + r"\["

ROWS = (
    # dimensions
    Row(r"Dimension out of range \(expected to be in range of \[-1, 0\], but got (-?\d+)\)", "no such dimension",
        "{name}{shape} has one dimension, number 0 (or -1), and line {line} names dimension {0}.",
        "Say dim=-1 for the last one; if a second one was meant, an index, a squeeze or a reduction has taken it away.", _METHOD, (r"dim=-?\d+|(?<=[a-z]\()-?\d+(?=\))", r"dim=-1")),
    Row(r"Dimension out of range \(expected to be in range of \[(-\d+), (\d+)\], but got (-?\d+)\)", "no such dimension",
        "{name}{shape} has dimensions 0 to {1} (or {0} to -1), and line {line} names dimension {2}.",
        "Dimensions are counted from 0; an index, a squeeze or a reduction takes one away.", _METHOD),
    Row(r"dim (\d+) appears multiple times in the list of dims", "dimension twice", "Line {line} reduces over dimension {0} twice.", "Name each dimension once.", _METHOD,
        (r"dim=\((\d+),\s*\1\)", r"dim=(\1,)")),
    Row(r"t\(\) expects a tensor with <= 2 dimensions, but self is (\d+)D", "more than a matrix", "t() turns a matrix over, and {name}{shape} has {0} dimensions.",
        "Name the two dimensions that change places: .transpose(-1, -2).", NAME + r"\.t\(\)", (r"\.t\(\)", ".transpose(-1, -2)")),
    Row(r"input\.dim\(\) = (\d+) is not equal to len\(dims\) = (\d+)", "as many dimensions", "permute in line {line} lists {1} dimensions, and {name}{shape} has {0}.",
        "List each dimension of the tensor once.", _METHOD),
    Row(r"permute\(\): duplicate dims are not allowed", "dimension twice", "permute in line {line} names one dimension twice: each has one place.", "List each dimension once.", _METHOD),
    Row(r"The expanded size of the tensor \((\d+)\) must match the existing size \((\d+)\) at non-singleton dimension (\d+)\.\s+Target sizes: (\[.*?\])\.\s+Tensor sizes: (\[.*?\])",
        "does not expand", "A tensor of shape {4} cannot become {3} in line {line}: dimension {2} has {1} elements, and only a dimension of 1 can be repeated.",
        "unsqueeze the dimension that is to be repeated, or use .repeat(...) to repeat all of it.", _METHOD),
    Row(r"only one dimension can be inferred", "two unknown sizes", "The shape in line {line} has -1 more than once: only one size can be worked out.", "Write the others as numbers.", _METHOD,
        (r"-1,\s*-1", "-1")),
    Row(r"Tensors must have same number of dimensions: got (\d+) and (\d+)", "ranks differ", "cat in line {line} was given tensors of {0} and of {1} dimensions.",
        "Give the smaller one its missing dimension: x.unsqueeze(0) makes a row of it."),
    Row(r"expected a non-empty list of Tensors", "nothing to join", "The list that line {line} joins is empty: nothing was appended to it, or a filter took all away.", "Look at the loop that fills the list."),
    Row(r"zero-dimensional tensor \(at position (\d+)\) cannot be concatenated", "single numbers", "cat in line {line} joins along a dimension, and number {0} of its list is a single number without one.",
        "stack makes a dimension of single numbers.", "", (r"\bcat\(", "stack(")),
    Row(r"stack expects each tensor to be equal size, but got \[(\d+)((?:, .*?)?)\] at entry 0 and \[(\d+)\2\] at entry (\d+)", "sizes differ",
        "stack in line {line} needs tensors of one shape, and the sequences that it is given are of different lengths: the first has {0}, number {3} has {2}.",
        "Pad them to one length: pad_sequence(list, batch_first=True); to join them one behind the other, cat.", "", (r"(?:\btorch\.)?\bstack\(([\w.]+)(?:,\s*(?:dim\s*=\s*)?0)?\)", r"torch.nn.utils.rnn.pad_sequence(\1, batch_first=True)")),
    Row(r"stack expects each tensor to be equal size, but got (\[.*?\]) at entry 0 and (\[.*?\]) at entry (\d+)", "sizes differ", "stack in line {line} needs tensors of one shape: the first has {0}, number {2} has {1}.",
        "Pad them to one length (torch.nn.utils.rnn.pad_sequence), or join them with cat.", "", (r"\bstack\(", "cat(")),
    Row(r"expects split_sizes to sum exactly to (\d+) \(input tensor's size at dimension (-?\d+)\), but got split_sizes=(\[.*?\])", "parts of another sum",
        "The parts {2} in line {line} do not sum to {0}, the size of dimension {1}.", "Let them sum to {0}, or give one number: the size of each part.", _METHOD),
    Row(r"both arguments to matmul need to be at least 1D, but they are (\d)D and (\d)D", "a number in a matrix product", "@ in line {line} multiplies matrices and vectors, and one of its operands is a single number ({0}D and {1}D).",
        "Multiply by a number with *.", "", (r"\s@\s", " * ")),
    Row(r"self must be a matrix|mat2 must be a matrix", "no matrix", "mm in line {line} multiplies two matrices, and was given a vector.", "torch.matmul (or @) takes vectors as well.", "", (r"\.mm\(", ".matmul(")),
    Row(r"1D tensors expected, but got (\d)D and (\d)D tensors", "no vectors", "dot in line {line} is of two vectors, and was given tensors of {0} and {1} dimensions.", "Matrices are multiplied with @.",
        "", (r"\.dot\(", ".matmul(")),
    # indexes
    # PyTorch counts only the dimensions that have an index tensor: x[:, i] is told as dimension 0
    Row(r"index (-?\d+) is out of bounds for dimension \d+ with size (\d+)", "no such index", "Line {line} asks for number {0} along a dimension of {name}{shape} that has {1} elements, numbered from 0.",
        "Look at what the index is counted over; of an Embedding, num_embeddings has to be larger than every index.", _INDEXED),
    Row(r"too many indices for tensor of dimension (\d+)", "too many indexes", "{name}{shape} has {0} dimensions, and line {line} gives more indexes than that.", "An index, a squeeze or a reduction before took a dimension away.", _INDEXED,
        (r"\[([^\[\],]+),[^\[\]]+\]", r"[\1]")),
    Row(r"invalid index of a 0-dim tensor", "index of one number", "{name} in line {line} is a single number: it has no elements to ask for.", "item() gives the number.", _INDEXED, (r"(\w+|\))\[0\]", r"\1.item()")),
    Row(r"The shape of the mask (\[.*?\]) at index (\d+) does not match the shape of the indexed tensor (\[.*?\])", "mask of another shape", "The mask in line {line} has shape {0}, and what it is laid on has {2}.",
        "Compute the mask from the tensor that it chooses from.", _INDEXED),
    Row(r"tensors used as indices must be long, int, byte or bool tensors", "index of another dtype", "Line {line} uses a tensor of floating point numbers as an index.", "Make whole numbers of it: .long().", _INDEXED),
    Row(r"step must be greater than zero", "backwards slice", "Line {line} slices with a negative step, which tensors do not have.", "torch.flip(x, (0,)) turns a dimension around.", _INDEXED,
        (r"(\w+(?:\.\w+\([^()]*\))?)\[::-1\]", r"\1.flip(0)")),
    # one number where there are several
    Row(r"a Tensor with (\d+) elements cannot be converted to Scalar|only one element tensors can be converted to Python scalars", "several numbers",
        "{name}{shape} in line {line} is not a single number, and a Python number is wanted of it.", "Reduce it first (mean(), sum()), or use tolist() for all of them.", NAME + r"\.item\(|float\(" + NAME + r"|int\(" + NAME,
        (r"\.item\(\)", ".tolist()")),
    Row(r"Boolean value of Tensor with more than one value is ambiguous", "several truths", "Line {line} asks whether {name}{shape} is true, and it has many elements, some of which may be.", "Say which: .any() or .all().",
        r"(?:if|while|not|and|or|assert)\s+" + NAME),
    Row(r"Boolean value of Tensor with no values is ambiguous", "no truth", "Line {line} asks whether an empty tensor is true.", "Ask for x.numel() > 0."),
    Row(r"iteration over a 0-d tensor", "one number, no sequence", "{name} in line {line} is a single number: there is nothing to go through.", "A loss or a reduced value has no elements; keep the dimension (no sum, no mean, or keepdim=True).",
        r"\bin\s+" + NAME),
    Row(r"len\(\) of a 0-d tensor", "one number, no sequence", "{name} in line {line} is a single number: it has no length.", "numel() is 1 for it.", r"len\(" + NAME),
    # reductions of nothing
    Row(r"(\w+)\(\): Expected reduction dim to be specified for input\.numel\(\) == 0", "of no elements", "{0}() in line {line} is asked of an empty tensor: there is no largest of nothing.",
        "Look at what makes it empty: a mask that holds nowhere, a slice beyond the end.", _METHOD),
    # losses and layers
    Row(r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)", "batches of two sizes", "The loss in line {line} is given {0} predictions and {1} targets.",
        "The first dimension of both is the batch: look for a reshape, a slice or a flatten that took in the batch, or for logits and targets of different batches."),
    Row(r"Using a target size \((torch\.Size\(\[.*?\]\))\) that is different to the input size \((torch\.Size\(\[.*?\]\))\) is deprecated", "target of another shape",
        "The loss in line {line} compares predictions of {1} with targets of {0}.", "Give the target the shape of the prediction: target.view_as(prediction), or squeeze the prediction."),
    Row(r"Kernel size: \((.*?)\)\. Kernel size can't be greater than actual input size|Calculated padded input size per channel: \((.*?)\)", "image smaller than the kernel", "The image in line {line} is smaller than the kernel ({0}): earlier layers have shrunk it.",
        "Use padding, a smaller kernel or fewer strides and poolings before."),
    Row(r"Given input size: \((.*?)\)\. Calculated output size: \((.*?)\)\. Output size is too small", "nothing is left of the image", "Pooling in line {line} makes {1} of {0}: nothing is left.", "Pool less, or use a larger image."),
    # dtypes
    Row(r"could not infer output dtype\. Input dtype must be either a floating point or complex dtype\. Got: (\w+)", "mean of whole numbers", "mean() in line {line} of {0} numbers: the result is no whole number.", "Convert first: .float().mean().",
        _METHOD, (r"\.mean\(", ".float().mean(")),
    Row(r"expected m1 and m2 to have the same dtype, but got: (.+) != (.+)", "dtypes differ", "The product in line {line} is of {0} and {1} numbers.", "Convert one: x.to(y.dtype), or x.float() for data that numpy made float64."),
    Row(r"expected both vectors to have same dtype, but found (\w+) and (\w+)", "dtypes differ", "dot in line {line} is given {0} and {1}.", "Convert one: .to(other.dtype)."),
    Row(r"`-` operator, with two bool tensors|`-` operator, with a bool tensor", "minus of truths", "Line {line} subtracts truth values.", "Use ^ for \"one and not the other\", or convert with .float()."),
    Row(r"`-` operator, on a bool tensor is not supported", "minus of truths", "Line {line} takes minus of truth values.", "~ turns a mask around.", "", (r"-(?=[\w(])", "~")),
    Row(r"Integers to negative integer powers are not allowed", "dtypes", "Line {line} takes whole numbers to a negative power: the result is no whole number.", "Convert first: .float().", "", (r"\*\*\s*-(\d+)(?!\.)", r"** -\1.0")),
    Row(r"^ZeroDivisionError$", "division by zero", "Line {line} divides whole numbers by 0, for which there is no result; floating point numbers would give inf.", "Convert first, or keep 0 away."),
    # arguments
    Row(r"(\w+)\(\): argument '(\w+)' \(position (\d+)\) must be Tensor, not (\w+)", "no tensor given", "{0}() in line {line} was given a {3} where a tensor is wanted (argument {2}, {1}).", "Make a tensor of it: torch.tensor(...)."),
    Row(r"(\w+)\(\): argument '(\w+)' \(position (\d+)\) must be (.+?), not (\w+)", "another kind of argument", "{0}() in line {line} was given a {4} where {3} is wanted (argument {2}, {1}).", "Convert it, int(...) for a size."),
    Row(r"unsupported operand type\(s\) for (\S+): 'Tensor' and 'NoneType'|unsupported operand type\(s\) for (\S+): 'NoneType' and 'Tensor'", "a result of nothing", "One operand in line {line} is None: a function without return, or a .grad that no backward has filled.", "Look at where it comes from."),
    Row(r"expected sequence of length (\d+) at dim (\d+) \(got (\d+)\)", "lists of two lengths", "The lists in line {line} are of lengths {0} and {2} at dimension {1}: a tensor has one size in each dimension.", "Pad them to one length, or keep a list of tensors."),
    Row(r"invalid data type 'str'", "text", "Line {line} makes a tensor of a text, and tensors hold numbers.", "Convert it: float(text), or the numbers of its letters."),
    Row(r"Trying to create tensor with negative dimension (-\d+)", "negative size", "Line {line} asks for a tensor with {0} elements along a dimension: a size was computed that is below 0.", "Look at how the size is computed."),
    Row(r"Torch not compiled with CUDA enabled", "no such device", "Line {line} moves to a GPU, and this engine computes on the CPU only.", "torch.device(\"cuda\" if torch.cuda.is_available() else \"cpu\") runs on both.", "", (r"\.cuda\(\)", "")),
    Row(r"Tensor on device (\w+) is not on the expected device (\w+)", "two devices", "Line {line} meets a tensor on {0} with one on {1}.", "Bring both to one device: x.to(y.device)."),
)  # fmt: skip
