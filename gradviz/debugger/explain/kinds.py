"""The words for what can be wrong, how likely each is the root of the others, and which are consequences of which."""

from __future__ import annotations

from dataclasses import dataclass

ROOT, ERROR, MISTAKE, BROKEN, SUSPICIOUS, MINOR = range(6)  # what is told first


@dataclass(frozen=True, slots=True)
class Kind:
    """One word.

    Attributes:
        rank: a ROOT explains an error; ERROR ended the run; a MISTAKE stands in the text or the loop; BROKEN numbers; SUSPICIOUS numbers; a MINOR waste.
        meaning: for the documentation.
        hides: the kinds that follow from it and are not told beside it.
    """

    rank: int
    meaning: str
    hides: tuple[str, ...] = ()


_NUMBERS = (
    "exploding-gradient",
    "vanishing-gradient",
    "loss-grows",
    "learning-rate-too-small",
    "saturation",
    "high-first-loss",
    "dead-units",
    "zero-gradient",
)

KINDS: dict[str, Kind] = {
    # what ends a run
    "in-place-write": Kind(ERROR, "a value that backward needs was overwritten; the line is the writer's"),
    "in-place-on-leaf": Kind(ERROR, "a leaf that requires grad is overwritten while autograd records"),
    "graph-freed": Kind(ERROR, "backward goes a second time through a graph that the first one freed: a state carried over, a sum of losses, the same loss twice"),
    "no-history": Kind(ERROR, "backward of something that no parameter leads to: detach, no_grad, a new tensor of plain numbers, whole numbers, no requires_grad", ("step-without-gradient", "constant-term", "no-gradient", "optimizer-of-old-model")),
    "not-a-scalar": Kind(ERROR, "backward of more than one number"),
    "grad-is-none": Kind(ERROR, ".grad was used while it is None"),
    "numpy-of-tracked": Kind(ERROR, "numpy() of a tensor that requires grad"),
    "integer-requires-grad": Kind(ERROR, "whole numbers cannot require grad"),
    "unused-input": Kind(ERROR, "grad() of something that the output was not computed from"),
    "shapes-do-not-fit": Kind(ERROR, "sizes that do not match: in a product, element by element, in a view, a cat, a convolution"),
    "dtypes-differ": Kind(ERROR, "float64 data (numpy's default) meets float32 parameters"),
    "init-not-called": Kind(ERROR, "a Module's __init__ does not call super().__init__() first"),
    "missing-package": Kind(ERROR, "an import finds nothing: not installed, of PyTorch's own world, or misspelt"),
    "error": Kind(ERROR, "any other exception: its own words"),
    # mistakes in the text or in the training loop
    "not-called": Kind(MISTAKE, "a method is named and not called: opt.step", ("never-stepped", "step-without-gradient")),
    "result-dropped": Kind(MISTAKE, "the result of a method that changes nothing in place is not used: w.grad.clamp(-1, 1)"),
    "misspelt": Kind(ROOT, "an attribute or method that PyTorch does not know: require_grad, _init_, foward", ("no-gradient", "no-history", "grad-is-none", "nothing-to-optimize")),
    "zero-grad-missing": Kind(MISTAKE, "gradients of earlier turns are in the sum that a step uses; the line is that of backward()", ("loss-not-divided", "nan", "inf", "learning-rate-too-large", *_NUMBERS)),
    "uphill": Kind(MISTAKE, "the update adds the gradient", ("learning-rate-too-large", "nan", "inf", *_NUMBERS)),
    "wrong-backward": Kind(MISTAKE, "the backward of a custom Function is not the slope of its forward", ("zero-gradient", "vanishing-gradient")),
    "layers-not-registered": Kind(MISTAKE, "layers in a plain Python list", ("not-in-optimizer",)),
    "shared-layer": Kind(MISTAKE, "one layer many times where several were meant", ("no-activation",)),
    "optimizer-of-old-model": Kind(MISTAKE, "the optimizer holds the parameters of another model", ("step-without-gradient", "not-in-optimizer")),
    "optimizer-made-anew": Kind(MISTAKE, "an optimizer that remembers is made in each turn, and forgets"),
    "never-stepped": Kind(MISTAKE, "step() is called nowhere"),
    "step-without-gradient": Kind(MISTAKE, "step() finds no gradient: zero_grad between backward and step, no backward yet, or the gradients of other tensors", ("no-gradient", "gradient-thrown-away", "moved-without-gradient", "not-in-optimizer")),
    "gradient-thrown-away": Kind(MISTAKE, "zero_grad() clears what no step has used", ("loss-not-divided",)),
    "last-batch-only": Kind(MISTAKE, "backward() stands after the loop over batches: only the last one counts", ("last-turn-only",)),
    "eval-mode-left-on": Kind(MISTAKE, "training goes on after eval() without train(): dropout and batch statistics are off", ("vanishing-gradient", "learning-rate-too-small")),
    "training-mode-in-evaluation": Kind(MISTAKE, "dropout or batch statistics are on where nothing is trained"),
    "dropout-always-on": Kind(MISTAKE, "F.dropout that model.eval() does not switch off", ("training-mode-in-evaluation",)),
    "softmax-twice": Kind(MISTAKE, "probabilities go into a loss that applies softmax or sigmoid itself", ("vanishing-gradient", "high-first-loss", "saturation", "learning-rate-too-small")),
    "probabilities-for-logarithms": Kind(MISTAKE, "nll_loss or kl_div is given probabilities", ("softmax-twice",)),
    "softmax-over-batch": Kind(MISTAKE, "softmax along the samples"),
    "loss-arguments-exchanged": Kind(MISTAKE, "a loss gets the target as its prediction", ("inf", "nan", "high-first-loss", *_NUMBERS)),
    "batch-averaged-away": Kind(MISTAKE, "one prediction is compared with the targets of a whole batch"),
    "loss-without-minimum": Kind(MISTAKE, "the loss falls for ever: a term is subtracted that can grow", ("learning-rate-too-large", "inf", "nan", *_NUMBERS)),
    "reshape-for-transpose": Kind(MISTAKE, "a view or reshape exchanges two sizes: the numbers are mixed, and not transposed"),
    "accidental-broadcast": Kind(MISTAKE, "(N, 1) meets (N): an N x N result", ("loss-grows",)),
    "hidden-write": Kind(MISTAKE, "a saved value is overwritten through .data: a wrong gradient, and no error"),
    "shared-memory": Kind(MISTAKE, "two names for one memory where two tensors were meant: .data or detach() without clone()", ("state-not-copied",)),
    "state-not-copied": Kind(MISTAKE, "state_dict() holds the living parameters"),
    "one-tensor-many-times": Kind(MISTAKE, "a list of .grad holds one tensor many times"),
    "not-a-leaf": Kind(MISTAKE, "a name stands for a result of the leaf that was meant", ("grad-of-non-leaf", "no-gradient")),
    "rebound-update": Kind(MISTAKE, "an update makes a new tensor and gives it the parameter's name", ("grad-of-non-leaf", "no-gradient", "not-a-leaf")),
    "grad-of-non-leaf": Kind(MISTAKE, ".grad of a result is read, and was not kept"),
    "late-retain-grad": Kind(MISTAKE, "retain_grad() after backward()", ("grad-of-non-leaf",)),
    "no-gradient": Kind(MISTAKE, "a leaf whose gradient is wanted gets none: the cut on its way, or its flag"),
    "unused-parameter": Kind(MINOR, "a parameter of the optimizer from which nothing is computed"),
    "constant-term": Kind(MISTAKE, "a term of the loss is computed without history: it changes the number and no gradient"),
    "advantage-not-detached": Kind(MISTAKE, "the loss of a policy also moves the critic, through the advantage"),
    "drawn-without-way-back": Kind(MISTAKE, "sample() where rsample() was meant: the parameters of the distribution do not learn by the draw", ("zero-gradient",)),
    "cut-in-each-turn": Kind(MISTAKE, "a state is detached in each turn of a loop: nothing is learned over more than one"),
    "weights-along-another-dimension": Kind(MISTAKE, "a product mixes by the weights of a softmax along the dimension in which they do not sum to 1"),
    "targets-cut-to-integers": Kind(MISTAKE, "the targets of a regression were made whole numbers", ("high-first-loss",)),
    "learning-rate-zero": Kind(MISTAKE, "steps move nothing: the learning rate is 0, as a schedule left it or as it was given", ("learning-rate-too-small",)),
    "softmax-of-one": Kind(MISTAKE, "softmax or cross_entropy of one output: it is 1 whatever goes in", ("zero-gradient", "saturation", "softmax-over-batch", "high-first-loss", "targets-out-of-reach")),
    "targets-out-of-reach": Kind(MISTAKE, "the last activation keeps the output within bounds, and many targets lie outside", ("zero-gradient", "saturation", "vanishing-gradient", "dead-units")),
    "targets-out-of-range": Kind(MISTAKE, "targets that a loss is not made for: -1 in a binary cross-entropy", ("loss-without-minimum", "learning-rate-too-large")),
    "time-and-batch-exchanged": Kind(MISTAKE, "a recurrent layer reads the samples of a batch as one sequence (batch_first)"),
    "history-left-behind": Kind(MISTAKE, "the numbers of a result are put into a new tensor: what stands before it gets no gradient", ("no-gradient", "constant-term", "unused-parameter")),
    "gradient-of-another-loss": Kind(MISTAKE, "a step uses what the loss of another optimizer left in .grad, such as that of the discriminator in the generator"),
    "used-up": Kind(MISTAKE, "zip, map or a generator that the first turn uses up: in the next ones there is nothing left"),
    "first-batch-again": Kind(MISTAKE, "each turn starts at the beginning of the data and takes one batch"),
    "shuffled-apart": Kind(MISTAKE, "inputs and targets are brought into two random orders"),
    "model-made-anew": Kind(MISTAKE, "each turn of a loop over epochs makes the model from the start"),
    "layer-made-in-forward": Kind(MISTAKE, "forward() or a turn of the loop makes a layer: its weights are new each time, and no optimizer knows them", ("not-in-optimizer",)),
    "nothing-to-optimize": Kind(ERROR, "an optimizer is given no parameters: a generator that was used up, a module without any"),
    "class-for-its-object": Kind(ERROR, "a class of torch.nn is called with tensors: criterion = nn.MSELoss, without ()"),
    "tuple-for-a-tensor": Kind(ERROR, "a layer or a function that gives several results, and all of them go on as one"),
    "model-for-its-parameters": Kind(ERROR, "an optimizer is given a model in the place of its parameters"),
    "nothing-returned": Kind(ERROR, "a function of the script ends without return, and its None is used"),
    "setting-not-read": Kind(MISTAKE, "a plain attribute that nobody reads: .requires_grad of a module, .lr of an optimizer", ("learning-rate-too-large", "learning-rate-too-small")),
    "not-a-function": Kind(ERROR, "a name that was given to a result, or to a tuple by a comma, is called"),
    "batches-overlap": Kind(MISTAKE, "a loop counts batches and slices as if it counted samples"),
    "batches-of-one-class": Kind(MISTAKE, "each batch holds one class: the data are sorted, and not shuffled", ("loss-grows",)),
    "same-noise-each-turn": Kind(MISTAKE, "each turn seeds the generator: what is drawn is the same each time"),
    "data-changed-in-place": Kind(MISTAKE, "a batch that is a view of the data is changed in place"),
    "weights-after-the-mean": Kind(MISTAKE, "a loss is multiplied by a weight for each sample after its mean was taken"),
    "rows-for-columns": Kind(MISTAKE, "q[actions] takes rows of other samples, and not the column of each"),
    "never-filled": Kind(MISTAKE, "a parameter of torch.empty is used before anything fills it", ("identical-units", "nan", "inf", *_NUMBERS)),
    "nothing-loaded": Kind(MISTAKE, "load_state_dict(strict=False) finds no name of the model in the state"),
    "hooks-pile-up": Kind(MISTAKE, "each turn registers another hook on a tensor that lives on", _NUMBERS),
    "state-not-handed-on": Kind(MISTAKE, "a recurrent layer starts from zeros at each call", ("zero-gradient",)),
    "second-derivative-zero": Kind(MISTAKE, "a derivative of a derivative goes through ReLU, and is 0", ("zero-gradient", "no-gradient")),
    "argument-not-read": Kind(MISTAKE, "forward() is given something, such as a mask, and never reads it"),
    "result-not-read": Kind(MISTAKE, "a result in forward() is read by nobody, or written over before anybody has", ("no-activation",)),
    "name-not-read": Kind(SUSPICIOUS, "a result is given a name that nothing ever reads"),
    "batch-not-read": Kind(MISTAKE, "a loop takes batches, and works with other names than those of the batch"),
    "logits-rectified": Kind(MISTAKE, "ReLU behind the last layer, before a loss that takes logits", ("dead-units", "zero-gradient")),
    "classes-stand-last": Kind(MISTAKE, "cross_entropy takes the classes from dimension 1, and they stand in the last"),
    "logits-for-probabilities": Kind(MISTAKE, "logits are compared with 0.5, as if they were probabilities"),
    "mask-inverted": Kind(MISTAKE, "a mask hides what counts, and leaves what it was to hide", ("nan", "zero-gradient", "vanishing-gradient")),
    "batch-of-one-sample": Kind(MISTAKE, "a batch is one sample many times"),
    "target-among-the-inputs": Kind(MISTAKE, "the target is a column of the inputs"),
    "targets-all-alike": Kind(MISTAKE, "the targets are the same for every sample: randint(0, 1), a comparison that always holds", ("dead-units", "zero-gradient", "vanishing-gradient", "learning-rate-too-small")),
    "variance-for-spread": Kind(MISTAKE, "noise is multiplied by exp(v), and in the divergence exp(v) is the variance"),
    "gradient-of-one-sign": Kind(MISTAKE, "a hook or a clamp leaves one sign of a gradient"),
    "heads-by-a-view": Kind(MISTAKE, "a view splits the last dimension into heads and moves them before the places: the numbers of several places are mixed"),
    "one-target-for-both": Kind(MISTAKE, "the generator asks of the discriminator what the discriminator learns to say of its samples"),
    "scaled-apart": Kind(MISTAKE, "inputs or targets of the evaluation are on another scale than those of the training"),
    "weights-upside-down": Kind(MISTAKE, "weights of classes grow with their counts: the frequent class weighs most"),
    "statistics-that-do-not-average": Kind(MISTAKE, "momentum=0 or 0.99 of a batch norm: the running statistics stay as they were made, or are those of the last batch"),
    "last-turn-only": Kind(MISTAKE, "each turn of a loop replaces what backward() starts from: the last one alone counts"),
    "returns-from-the-front": Kind(MISTAKE, "returns are summed from the first reward on: each holds what came before, and not what comes after"),
    "classes-over-the-batch": Kind(MISTAKE, "argmax of logits over the samples, where the class of each sample was meant"),
    "scaled-twice": Kind(MISTAKE, "inputs from 0 to 1 are divided by 255 again", ("dead-units", "vanishing-gradient", "learning-rate-too-small")),
    "gradient-counted-twice": Kind(MISTAKE, "backward() of one loss twice before a step: each gradient is doubled"),
    "loss-of-itself": Kind(MISTAKE, "a prediction is compared with itself", ("zero-gradient", "target-not-detached")),
    "errors-that-cancel": Kind(MISTAKE, "the mean of the differences is taken before they are squared"),
    "weight-decay-too-strong": Kind(MISTAKE, "a weight decay takes the weights down to nearly nothing", ("learning-rate-too-small", "vanishing-gradient")),
    "loop-left-at-once": Kind(MISTAKE, "a return at the end of a loop's body: its first turn is its last", ("no-gradient", "unused-parameter", "not-in-optimizer")),
    "one-step-for-both": Kind(MISTAKE, "one optimizer holds generator and discriminator: the step of one undoes that of the other", ("dead-units",)),
    "outputs-dropped": Kind(MISTAKE, "a dropout behind the last layer: the outputs themselves are dropped"),
    "state-of-the-padding": Kind(MISTAKE, "the last place of a recurrent layer, where most sentences have ended before"),
    "target-given-to-the-model": Kind(MISTAKE, "a model is given the target at the places where it is to predict it"),
    "average-of-one-step": Kind(MISTAKE, "a moving average of parameters keeps next to nothing of the old: the two shares are exchanged"),
    "schedule-of-another-optimizer": Kind(MISTAKE, "a scheduler turns the rate of an optimizer that was replaced by a new one", ("scheduler-order",)),
    "schedule-in-batches": Kind(MISTAKE, "a schedule that is made for a number of epochs is stepped for each batch", ("learning-rate-too-small",)),
    "overwritten-by-activation": Kind(MISTAKE, "an activation in place overwrites a tensor that is read afterwards as if it still held what went in"),
    "cleared-twice": Kind(MISTAKE, "zero_grad() of one optimizer twice, and of another one never", ("zero-grad-missing",)),
    "compared-with-itself": Kind(MISTAKE, "a contrastive loss counts the similarity of each vector with itself"),
    "padding-counted": Kind(MISTAKE, "targets that are padding count in the loss"),
    "bytes-wrap-around": Kind(MISTAKE, "uint8 is computed with beyond 0 to 255"),
    "no-forward": Kind(ERROR, "a ModuleList is called, or a module whose forward() is not one of its methods"),
    "argument-missing": Kind(ERROR, "step() without the closure or the measure that it needs, or a function of the script without an argument"),
    "mode-not-made": Kind(ERROR, "with torch.no_grad: without ()"),
    "too-many-steps": Kind(ERROR, "a schedule is stepped more often than it was made for"),
    "reward-made-small": Kind(MISTAKE, "the loss of a policy has no minus before log_prob times the reward"),
    "targets-are-the-inputs": Kind(MISTAKE, "inputs and targets of a sequence are cut at the same places: nothing is left to predict"),
    "logarithms-for-probabilities": Kind(MISTAKE, "the target of kl_div holds logarithms", ("nan", "inf", *_NUMBERS)),
    "half-of-a-bidirectional-layer": Kind(MISTAKE, "of a bidirectional layer the last place is used, where the reverse direction has read one step", ("zero-gradient",)),
    "masked-after-softmax": Kind(MISTAKE, "a mask is laid on the weights of a softmax, and not on the scores before it"),
    "normalized-over-batch": Kind(MISTAKE, "vectors are divided by norms over the samples, and not by their own"),
    "function-among-layers": Kind(ERROR, "a function or a class stands among the layers of a Sequential"),
    "entropy-made-small": Kind(MISTAKE, "the entropy of a policy is added to the loss, where it was to be subtracted"),
    "target-not-detached": Kind(MISTAKE, "a gradient flows into the target"),
    "not-in-optimizer": Kind(MISTAKE, "a parameter gets gradients and is never moved", ("no-gradient",)),
    "moved-twice": Kind(MISTAKE, "two optimizers move one parameter by one gradient"),
    "frozen-but-moved": Kind(MISTAKE, "a frozen parameter is moved by an old gradient or by momentum", ("zero-grad-missing",)),
    "moved-without-gradient": Kind(MISTAKE, "momentum or weight decay moves a parameter whose .grad is zeros"),
    "loss-not-divided": Kind(MISTAKE, "the gradients of several micro-batches are added without dividing the losses"),
    "clipping-order": Kind(MISTAKE, "gradients are clipped before backward(), after step(), or while a GradScaler multiplies them", ("gradient-scaled-away", "learning-rate-too-large", "nan", "inf", *_NUMBERS)),
    "gradient-scaled-away": Kind(MISTAKE, "next to nothing is left of the gradient when step() uses it: clipped to a tiny norm", ("learning-rate-too-small",)),
    "identical-units": Kind(MISTAKE, "units that start alike stay alike", ("zero-gradient",)),
    "no-activation": Kind(SUSPICIOUS, "two linear layers with nothing between them"),
    "learning-rate-too-large": Kind(BROKEN, "the updates throw the parameters further and further away", ("nan", "inf", *_NUMBERS)),
    "learning-rate-too-small": Kind(SUSPICIOUS, "the updates, or a schedule, leave the parameters where they are"),
    "scheduler-order": Kind(MISTAKE, "scheduler.step() before optimizer.step()", ("learning-rate-too-small",)),
    # broken and suspicious numbers
    "nan": Kind(BROKEN, "the first nan, and what it is made of", _NUMBERS),
    "inf": Kind(BROKEN, "the first inf, and what it is made of", _NUMBERS),
    "zero-gradient": Kind(SUSPICIOUS, "every gradient of a leaf is 0; the line is where it becomes 0"),
    "dead-units": Kind(SUSPICIOUS, "ReLU units that are 0 for every sample", ("zero-gradient", "vanishing-gradient", "learning-rate-too-small")),
    "saturation": Kind(SUSPICIOUS, "tanh or sigmoid stand at their ends from the start", ("vanishing-gradient", "learning-rate-too-small", "zero-gradient")),
    "vanishing-gradient": Kind(SUSPICIOUS, "next to nothing of the gradient arrives", ("learning-rate-too-small",)),
    "exploding-gradient": Kind(SUSPICIOUS, "a very large gradient arrives", ("learning-rate-too-small",)),
    "loss-grows": Kind(SUSPICIOUS, "the loss is larger at the end than at the start"),
    "high-first-loss": Kind(SUSPICIOUS, "the first loss is far above that of guessing"),
    "predictions-all-alike": Kind(MINOR, "the model gives one prediction for all samples, whatever the reason; the line is where they become alike"),
    "loss-never-changes": Kind(MINOR, "the loss is the same number in each pass, though what goes into it changes; the line is where that is lost"),
    "kink": Kind(MINOR, "an input stands on a kink or elements tie: the slope is PyTorch's choice"),
    "graph-kept": Kind(MINOR, "a total or a list keeps the graphs of all turns in memory"),
}  # fmt: skip

DIAGNOSES = {
    "in-place write": "in-place-write", "leaf in place": "in-place-on-leaf", "graph freed": "graph-freed", "no history": "no-history",
    "not scalar": "not-a-scalar", "grad is None": "grad-is-none", "numpy": "numpy-of-tracked", "integer leaf": "integer-requires-grad",
    "unused": "unused-input", "shapes": "shapes-do-not-fit", "a number, no tensor": "no-history", "no function": "not-a-function", "function for a layer": "function-among-layers",
}  # fmt: skip

ALARMS = {
    "nan": "nan", "inf": "inf", "vanishing": "vanishing-gradient", "exploding": "exploding-gradient", "zero gradient": "zero-gradient",
    "dead units": "dead-units", "saturation": "saturation", "update ratio": "learning-rate-too-small", "shrunk gradient": "gradient-scaled-away", "stale sum": "zero-grad-missing",
    "frozen step": "frozen-but-moved", "unreached": "no-gradient", "broadcast": "accidental-broadcast", "reshape": "reshape-for-transpose",
    "exchanged": "loss-arguments-exchanged", "one for all": "batch-averaged-away", "falling": "loss-without-minimum", "loss at start": "high-first-loss",
    "lost leaf": "not-a-leaf", "hidden write": "hidden-write", "empty step": "step-without-gradient", "coasting": "moved-without-gradient",
    "micro-batches": "loss-not-divided", "left out": "not-in-optimizer", "thrown away": "gradient-thrown-away", "moved twice": "moved-twice",
    "squashed twice": "softmax-twice", "loss grows": "loss-grows", "kink": "kink", "evaluation": "training-mode-in-evaluation",
    "alike": "identical-units", "linear on linear": "no-activation", "over the batch": "softmax-over-batch",
    "advantage": "advantage-not-detached", "drawn": "drawn-without-way-back", "cut state": "cut-in-each-turn",
    "columns mixed": "weights-along-another-dimension", "cut target": "targets-cut-to-integers", "no rate": "learning-rate-zero",
    "made anew": "layer-made-in-forward", "one entry": "softmax-of-one", "out of reach": "targets-out-of-reach", "no probability": "targets-out-of-range",
    "exchanged dimensions": "time-and-batch-exchanged", "other loss": "gradient-of-another-loss", "leaf root": "no-history", "left behind": "history-left-behind",
    "same noise": "same-noise-each-turn", "changed data": "data-changed-in-place", "one class": "batches-of-one-class",
    "weights after the mean": "weights-after-the-mean", "rows for columns": "rows-for-columns", "never filled": "never-filled", "loaded nothing": "nothing-loaded",
    "logarithms": "logarithms-for-probabilities", "reverse": "half-of-a-bidirectional-layer", "masked late": "masked-after-softmax",
    "normalized over the batch": "normalized-over-batch", "compared with itself": "compared-with-itself", "padding counted": "padding-counted",
    "wrapped around": "bytes-wrap-around", "rectified": "logits-rectified", "classes last": "classes-stand-last", "against one half": "logits-for-probabilities",
    "inverted mask": "mask-inverted", "one sample again": "batch-of-one-sample", "target among inputs": "target-among-the-inputs", "targets alike": "targets-all-alike", "variance": "variance-for-spread", "one-sided": "gradient-of-one-sign", "heads by a view": "heads-by-a-view", "one target": "one-target-for-both", "scaled apart": "scaled-apart", "best over the batch": "classes-over-the-batch", "scaled again": "scaled-twice",
    "two passes": "gradient-counted-twice", "with itself": "loss-of-itself", "errors cancel": "errors-that-cancel", "decayed": "weight-decay-too-strong", "moved by the other": "one-step-for-both", "dropped outputs": "outputs-dropped", "state of the padding": "state-of-the-padding", "predictions alike": "predictions-all-alike", "loss unmoved": "loss-never-changes",
    "hooks": "hooks-pile-up", "forgotten state": "state-not-handed-on", "straight lines": "second-derivative-zero",
    "moving target": "target-not-detached", "diverging": "learning-rate-too-large", "schedule": "learning-rate-too-small",
    "shared memory": "shared-memory", "constant term": "constant-term", "wrong backward": "wrong-backward", "evaluation left on": "eval-mode-left-on",
}  # fmt: skip

FINDINGS = {
    "zero_grad": "zero-grad-missing", "order": "step-without-gradient", "twice": "graph-freed", "carried over": "graph-freed",
    "running total": "graph-kept", "computed leaf": "not-a-leaf", "rebound": "rebound-update", "whole numbers": "integer-requires-grad",
    "written leaf": "in-place-on-leaf", "one tensor": "one-tensor-many-times", "grad of a result": "grad-of-non-leaf",
    "rewrapped": "no-history", "a number": "no-history", "under no_grad": "no-history", "no slope": "no-history",
    "through .data": "hidden-write", "squashed twice": "softmax-twice", "wants logarithms": "probabilities-for-logarithms",
    "plain list": "layers-not-registered", "old model": "optimizer-of-old-model", "uphill": "uphill", "one layer": "shared-layer",
    "dropout": "dropout-always-on", "living state": "state-not-copied", "not called": "not-called", "never stepped": "never-stepped",
    "late retain_grad": "late-retain-grad", "clipping": "clipping-order", "unused cotangent": "wrong-backward", "scheduler": "scheduler-order",
    "result dropped": "result-dropped", "misspelt": "misspelt", "new optimizer": "optimizer-made-anew", "last batch": "last-batch-only",
    "eval left on": "eval-mode-left-on", "counted again": "zero-grad-missing",
    "first batch again": "first-batch-again", "model anew": "model-made-anew", "layer in forward": "layer-made-in-forward", "used up": "used-up",
    "shuffled apart": "shuffled-apart", "not shifted": "targets-are-the-inputs", "unread argument": "argument-not-read", "dead result": "result-not-read", "cleared twice": "cleared-twice", "reward made small": "reward-made-small", "flag of a module": "setting-not-read", "setting of an optimizer": "setting-not-read",
    "overlapping batches": "batches-overlap", "entropy": "entropy-made-small",
    "unread name": "name-not-read", "unread batch": "batch-not-read", "average": "average-of-one-step", "old optimizer of a schedule": "schedule-of-another-optimizer",
    "weights upside down": "weights-upside-down", "momentum of statistics": "statistics-that-do-not-average", "replaced in each turn": "last-turn-only",
    "returns from the front": "returns-from-the-front", "schedule in batches": "schedule-in-batches", "left at once": "loop-left-at-once", "target given": "target-given-to-the-model", "overwritten": "overwritten-by-activation",
}  # fmt: skip

AFTER_AN_ERROR = frozenset({
    "no-gradient", "not-in-optimizer", "step-without-gradient", "learning-rate-too-small", "vanishing-gradient", "exploding-gradient", "zero-gradient",
    "loss-grows", "grad-of-non-leaf", "late-retain-grad", "high-first-loss", "kink", "identical-units", "never-stepped", "graph-kept",
    "training-mode-in-evaluation", "not-a-leaf", "loss-not-divided", "gradient-thrown-away", "saturation", "dead-units", "hidden-write",
    "last-batch-only", "no-activation", "rebound-update", "scheduler-order", "gradient-scaled-away",
    "history-left-behind", "layer-made-in-forward", "first-batch-again", "model-made-anew",
    "argument-not-read", "result-not-read", "cleared-twice", "name-not-read", "batch-not-read", "predictions-all-alike", "loss-never-changes", "average-of-one-step",
    "schedule-of-another-optimizer", "schedule-in-batches", "logits-for-probabilities", "targets-all-alike", "batch-of-one-sample", "target-among-the-inputs",
    "overwritten-by-activation",
    "nothing-loaded", "setting-not-read", "batches-overlap", "same-noise-each-turn",
})  # fmt: skip
"""What is not told where an exception ended the run: half a run proves little, and the cause is told already."""

SYMPTOMS = frozenset({"predictions-all-alike", "loss-never-changes"})
"""What is told where nothing else is: facts that are wrong whatever the reason."""


def word(table: dict[str, str], internal: str) -> str:
    """The public word of an alarm, rule or cause; what has none in the table is its own, with hyphens."""
    return table.get(internal) or internal.lower().replace(",", "").replace(".", "").strip().replace(" ", "-")


def kind_of(name: str) -> Kind:
    """The row of a word; errors that the table does not list are errors."""
    return KINDS.get(name) or Kind(ERROR, "")
