"""PyTorch's autograd errors explained: what is to blame, in which line, and how to mend it.

PyTorch's words come first and stay as they are; what is said here comes from the recording, which knows more than the
error does: who wrote, who freed, where the way back is cut. One family of errors a file; `table.py` has those whose text
says it nearly all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .finding import Diagnosis, Fix
from .graph.freed import freed
from .graph.history import no_history, none_has_no
from .graph.put_in_place import put_in_place
from .graph.writes import leaf_in_place, out_of_place, overwritten, view_of_a_function
from .others import anomaly, integers, not_scalar, numpy, unused
from .python.calls import argument_missing, mode_not_made, no_forward, too_many_steps
from .python.definitions import dtypes, init_forgotten, model_for_parameters
from .python.given import class_called, function_for_layer, tuple_given
from .python.methods import method_overwritten, no_place_for_self, self_left_out, step_of_a_loss
from .python.packages import package_missing
from .python.renamed import no_function
from .python.returning import nothing_returned
from .python.spelling import misspelt
from .python.values_with_indices import with_indices
from .shapes.batches import two_sizes
from .shapes.shapes import broadcast, channels, joined, product, reshaped, vectors
from .shapes.squeezed import squeezed_away
from .table import explain
from .training.scaling import never_scaled, not_updated
from .training.targets import whole_targets

if TYPE_CHECKING:
    from ..recorded_run import RecordedRun

__all__ = ["Diagnosis", "Fix", "diagnose", "out_of_place"]

_EXPLAINED: tuple[tuple[str, Callable[[RecordedRun, str, int], Diagnosis | None]], ...] = (
    ("has been modified by an inplace operation", overwritten),
    ("a leaf Variable that requires grad is being used in an in-place operation", leaf_in_place),
    ("a view of a leaf Variable that requires grad is being used in an in-place operation", leaf_in_place),
    ("Trying to backward through the graph a second time", freed),
    ("does not require grad and does not have a grad_fn", no_history),
    ("as parameter '", put_in_place),
    ("Boolean value of Tensor with more than one value is ambiguous", class_called),
    ("torch.return_types", with_indices),
    ("can't multiply sequence by non-int", with_indices),
    ("must be Tensor, not", class_called),
    ("must be Tensor, not tuple", tuple_given),
    ("'tuple' object has no attribute", tuple_given),
    ("unsupported operand type", tuple_given),
    ("tuple indices must be integers", tuple_given),
    ("NoneType", nothing_returned),
    ("NoneType", none_has_no),
    ("grad can be implicitly created only for scalar outputs", not_scalar),
    ("Can't call numpy() on Tensor that requires grad", numpy),
    ("can require gradients", integers),
    ("appears to not have been used in the graph", unused),
    ("shapes cannot be multiplied", product),
    ("at non-singleton dimension", broadcast),
    ("size mismatch, got input", vectors),
    ("inconsistent tensor size, expected tensor", vectors),
    ("Expected size for first two dimensions of batch2", vectors),
    ("is invalid for input of size", reshaped),
    ("Sizes of tensors must match except in dimension", joined),
    ("expected input[", channels),
    ("has no attribute", misspelt),
    ("returned nan values in its", anomaly),
    ("can't be cast to the desired output type", whole_targets),
    ("must have the same dtype", dtypes),
    ("to have the same dtype", dtypes),
    ("before Module.__init__() call", init_forgotten),
    ("object is not iterable", model_for_parameters),
    ("'Tensor' object is not callable", step_of_a_loss),
    ("object is not callable", method_overwritten),
    ("object is not callable", no_function),
    ("is not a Module subclass", function_for_layer),
    ('is missing the required "forward" function', no_forward),
    ("() missing ", argument_missing),
    ("context manager protocol", mode_not_made),
    ("Tried to step", too_many_steps),
    ("to match target batch_size", two_sizes),
    ("No module named", package_missing),
    ("This view was created inside a custom Function", view_of_a_function),
    ("_scale is None", never_scaled),
    ("step() has already been called since the last update()", not_updated),
    ("unscale_() is being called after step()", not_updated),
    ("is not defined", self_left_out),
    ("positional argument", no_place_for_self),
    ("must be the same as input size", squeezed_away),
)


def diagnose(run: RecordedRun, text: str, line: int) -> Diagnosis | None:
    """What the recording knows about an error with PyTorch's `text` in a line; None for errors that speak for themselves."""
    for words, explaining in _EXPLAINED:
        if words in text:
            found = explaining(run, text, line)
            if found is not None:
                return found
    return explain(run, text, line)
