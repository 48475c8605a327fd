"""What gradviz has to say of each problem: where it says it, in which words, and which line it leads to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """Where the answer stands.

    Attributes:
        by: "error" (the message above the canvas, with Show where), "alarm" (the list, with a click), "lint" (before the run),
            "question" (asked of a node), or "nothing" (all is right, and nothing is said).
        words: that the answer has.
        line: of the script that it leads to.
        fix: whether a mend is offered and makes the script run.
        ask: of a question: the node's title and the question.
    """

    by: str
    words: tuple[str, ...]
    line: int
    fix: bool = False
    ask: tuple[str, str] = ("", "")


PROBLEMS: dict[str, Told] = {
    "p01_grad_of_non_leaf": Told("lint", ("h (line 4) is computed", "h.retain_grad()"), 7),
    "p02_detached_before_the_loss": Told("error", ("element 0 of tensors", "the way back stops before h (line 4)", "detach()"), 4, True),
    "p03_backward_twice": Told("error", ("second time", "backward() in line 5 freed what PowBackward0 (line 4) had saved"), 5, True),
    "p04_hidden_state_of_the_last_batch": Told("error", ("second time", "takes h over from an earlier turn"), 8, True),
    "p05_saved_then_overwritten": Told("error", ("MulBackward0 (line 5) kept y", "in-place add in line 6 overwrote it"), 6, True),
    "p06_legal_in_place": Told("nothing", (), 0),
    "p07_leaf_overwritten": Told("error", ("a view of a leaf", "overwritten in line 4"), 4, True),
    "p08_backward_of_a_vector": Told("error", ("only for scalar outputs", "y is a tensor of shape (3,)"), 5, True),
    "p09_written_through_data": Told("alarm", ("kept w for backward", "line 6 overwrote it through .data", "PyTorch says nothing"), 6),
    "p10_zero_grad_forgotten": Told("alarm", ("At step 2 w.grad holds the sum of 2 backward passes", "optimizer.zero_grad()"), 9),
    "p11_zeros_are_not_none": Told("alarm", ("Line 8 moves w although w.grad holds the zeros of line 7", "set_to_none"), 8),
    "p12_accumulated_without_dividing": Told("alarm", ("w.grad is the sum of 4 passes of line 13", "(loss / 4)"), 14),
    "p13_retained_then_stepped": Told("error", ("kept w2", "SGD.step() in line 12 overwrote it"), 12),
    "p14_second_order_without_create_graph": Told("error", ("slope is a gradient, computed in line 5 without create_graph",), 5, True),
    "p15_scaled_at_creation": Told("alarm", ("w (line 4) is the result of mul", "w.grad stays None"), 4),
    "p16_rebound_by_the_update": Told("error", ("w is no leaf", "the update in line 7 made a new tensor"), 7, True),
    "p17_history_of_one_tensor": Told("lint", ("w.grad is one tensor", "w.grad.clone()"), 7),
    "p18_column_minus_row": Told("alarm", ("(4, 1) and (4,) in line 8 gives 4 x 4",), 8),
    "p19_tied_maximum": Told("alarm", ("2 elements tie for the max", "1/2 of the gradient"), 4),
    "p20_on_the_kink": Told("alarm", ("1 of 3 elements is exactly at 0", "slope 0"), 4),
    "p21_root_of_zero": Told("alarm", ("SqrtBackward0", "the slope of the square root at 0 is infinite"), 5),
    "p22_where_does_not_protect": Told(
        "alarm",
        (
            "comes out of SqrtBackward0 (line 5), from finite numbers",
            "the where of line 4 did not take this branch",
            "0 times an infinite slope",
        ),
        5,
    ),
    "p23_rounded_away": Told("alarm", ("Every gradient that arrived at x was exactly 0",), 6),
    "p24_frozen_but_moved": Told("alarm", ("w does not require grad any more", "the optimizer still moves it"), 12),
    "p25_dead_relu": Told("alarm", ("4 of 4 units of h (line 8) were 0 for every sample",), 8),
}

UNSEEN: dict[str, Told | None] = {
    "u01_item_in_the_loss": Told("error", (".item() in line 6 took the numbers out of the graph",), 7),
    "u02_softmax_before_cross_entropy": Told("alarm", ("has gone through softmax already",), 10),
    "u03_optimizer_of_the_old_model": Told("alarm", ("The optimizer was made for parameters that the loss is not computed from",), 12),
    "u04_zero_grad_after_backward": Told("alarm", ("zero_grad() in line 10 has just thrown away",), 10),
    "u05_learning_rate_too_large": Told("alarm", ("larger than 3.4e38",), 7),
    "u06_layers_in_a_plain_list": Told("alarm", ("no optimizer ever moves it",), 23),
    "u07_log_of_a_probability": Told("alarm", ("the logarithm of 0 is -inf",), 5),
    "u08_argmax_in_the_loss": Told("error", ("the way back stops before guess (line 7)", "int64"), 7),
    "u09_sign_of_the_update": Told("alarm", ("Line 8 moves the parameter along its gradient",), 8),
    "u10_converted_after_requiring_grad": Told("error", ("w is no leaf", "line 3 computed it"), 3, True),
    "u11_loss_summed_over_epochs": Told("error", ("Line 9 keeps loss with its graph",), 9, True),
    "u12_sigmoid_of_unscaled_data": Told("alarm", ("100% of the outputs of p (line 10)",), 10),
    "u13_numpy_in_the_forward": Told("error", (".numpy() in line 4 took the numbers out of the graph",), 4),
    "u14_relu_in_place_on_what_is_needed": Told("error", ("in-place sub in line 8 overwrote it",), 8, True),
    "u15_variance_of_one_sample": Told("alarm", ("one sample has no spread",), 4),
    # written when all of the above was done, and left as they were found: what is None is not told
    "v01_retain_grad_after_backward": None,
    "v02_wrong_axis_of_softmax": None,
    "v03_gradient_clipped_after_the_step": None,
    "v04_all_weights_zero": None,
    "v05_dropout_left_on": None,
    "v06_division_of_zero_by_zero": Told("alarm", ("a division by 0",), 5),
    "v07_parameter_replaced_while_training": Told(
        "alarm", ("tensor (line 8) gets a gradient in every turn, and no optimizer ever moves it",), 11
    ),
    "v08_set_requires_grad_too_late": Told("error", ("loss is computed from w only",), 3, True),
    "v09_view_written_after_use": Told("error", ("kept h for the backward pass", "in-place zero in line 7 overwrote it"), 7, True),
    "v10_exponential_overflows": Told("alarm", ("the exponential overflows float32",), 4),
}
