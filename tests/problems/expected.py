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
            "comes out of SqrtBackward0 (line 4), from finite numbers",
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
    "u03_optimizer_of_the_old_model": Told("alarm", ("which line 6 has made and the optimizer of line 5 does not hold",), 12),
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
    # 10 more: 5 right at first sight
    "v01_retain_grad_after_backward": Told("lint", ("the gradient of h went through", "before backward()"), 7),
    "v02_wrong_axis_of_softmax": Told("alarm", ("over dimension 0 of shape (4, 3)",), 7),
    "v03_gradient_clipped_after_the_step": Told("lint", ("clipped after step() in line 11",), 12),
    "v04_all_weights_zero": Told("alarm", ("The 3 columns of w1 (line 3) are the same",), 13),
    "v05_dropout_left_on": Told("alarm", ("Line 6 runs dropout in training mode",), 6),
    "v06_division_of_zero_by_zero": Told("alarm", ("a division by 0",), 5),
    "v07_parameter_replaced_while_training": Told(
        "alarm", ("tensor (line 8) gets a gradient in every turn, and no optimizer ever moves it",), 11
    ),
    "v08_set_requires_grad_too_late": Told("error", ("loss is computed from w only",), 3, True),
    "v09_view_written_after_use": Told("error", ("kept h for the backward pass", "in-place zero in line 7 overwrote it"), 7, True),
    "v10_exponential_overflows": Told("alarm", ("the exponential overflows float32",), 4),
    # 25 more: 9 right at first sight
    "x01_no_parentheses": Told("lint", ("names opt.step and does not call it",), 12),
    "x02_shared_layers": Told("lint", ("one Linear several times",), 5),
    "x03_total_loss_keeps_graph": Told("lint", ("keeps the graphs of all turns in memory",), 14),
    "x04_list_of_losses": Told("lint", ("the list keeps the graphs of all turns",), 8),
    "x05_plain_tensor_in_module": Told("alarm", ("no optimizer ever moves it",), 23),
    "x06_functional_dropout_in_eval": Told("lint", ("F.dropout goes on after model.eval()",), 15),
    "x07_symmetric_start": Told("alarm", ("The 4 columns of a (line 5) are the same",), 14),
    "x08_nll_without_log": Told("lint", ("wants logarithms of probabilities",), 11),
    "x09_round_in_the_middle": Told("alarm", ("Every gradient that arrived at x was exactly 0", "round (line 4) is on the way"), 6),
    "x10_ema_of_the_loss": Told("lint", ("smooth takes in what was computed in each turn",), 8),
    "x11_clip_before_backward": Told("lint", ("clipped before backward() in line 12",), 10),
    "x12_relu_on_the_output": Told("alarm", ("It becomes 0 in ReluBackward0 (relu, line 11)",), 12),
    "x13_grad_zero_of_none": Told("error", ("no backward() has run yet",), 3, True),
    "x14_item_backward": Told("error", ("took it out of the graph",), 5, True),
    "x15_data_in_forward": Told("alarm", ("w gets no gradient", ".data leaves the history behind"), 3),
    "x16_scheduler_first": Told("lint", ("sched.step() comes before the optimizer's",), 7),
    "x17_never_stepped": Told("lint", ("opt.step() is called nowhere",), 6),
    "x18_kl_of_probabilities": Told("lint", ("wants logarithms of probabilities",), 7),
    "x19_norm_of_zero": Told("alarm", ("a division by 0",), 4),
    "x20_custom_function_wrong": Told("lint", ("does not use g",), 13),
    "x21_target_not_detached": Told("alarm", ("target (line 9) is computed from parameters",), 9),
    "x22_tiny_learning_rate": Told("alarm", ("A step moves weight by 6.14e-09",), 13),
    "x23_no_nonlinearity": Told("alarm", ("with nothing between them",), 11),
    "x24_batch_norm_eval_forgotten": Told("error", ("batch_norm in training mode on one sample",), 14),
    "x25_no_grad_kept_on": Told("error", ("set_grad_enabled(False) in line 4 switched recording off",), 7),
    # 15 more: 6 right at first sight
    "w01_loss_computed_once": Told("error", ("loss was computed once, in line 7, before the loop",), 7),
    "w02_log_of_negative": Told("alarm", ("of a negative number nan",), 5),
    "w03_two_optimizers": Told("alarm", ("two optimizers hold it",), 13),
    "w04_frozen_by_mistake": Told("error", ("its requires_grad is False (line 7)",), 5),
    "w05_python_max": Told("error", (".tolist() in line 4 took the numbers out of the graph",), 4),
    "w06_float_class_numbers": Told("error", ("must hold class numbers (int64)",), 7),
    "w07_gradient_descent_on_input": Told("alarm", ("image does not require grad",), 10),
    "w08_hook_that_scales": Told("alarm", ("A hook on h (line 4) turns the gradient into zeros",), 7),
    "w09_large_logits_by_hand": Told("alarm", ("the exponential overflows float32",), 4),
    "w10_column_against_row": Told("alarm", ("gives 5 x 5 numbers",), 8),
    "w11_zero_grad_inside_micro_batches": Told("alarm", ("only the last one counts",), 9),
    "w12_state_dict_before_training": Told("lint", ("best holds the parameters themselves and no copy",), 5),
    "w13_clamp_kills": Told("alarm", ("It becomes 0 in ClampBackward1 (p, line 4)",), 6),
    "w14_sum_in_place_of_mean": Told("alarm", ("arrives at weight (norm), more than", "line 9"), 9),
    "w15_attribute_replaced": Told("alarm", ("w (line 9) gets a gradient in every turn, and no optimizer ever moves it",), 8),
    # 12 more, the last: 8 right at first sight
    "z01_update_through_data_without_clearing": Told("lint", ("w.grad is never cleared in this loop",), 8),
    "z02_log_of_sum_of_exp": Told("alarm", ("the exponential overflows float32",), 4),
    "z03_gradient_penalty_without_create_graph": Told(
        "error", ("slope is a gradient, computed in line 6 without create_graph=True",), 6, True
    ),
    "z04_max_over_the_wrong_thing": Told("error", ("names class 3",), 6),
    "z05_weight_decay_kills": Told("alarm", ("loss grew from",), 9),
    "z06_tanh_of_large_weights": Told("alarm", ("stand within 3 % of the ends of tanh",), 9),
    "z07_index_put_on_a_leaf": Told("error", ("A view of a leaf that requires grad is overwritten in line 4",), 4, True),
    "z08_eval_left_on": Told("lint", ("model is in evaluation mode while the loop of line 8 trains it",), 7),
    "z09_accuracy_as_loss": Told("error", ("the way back stops before argmax (line 6)",), 6),
    "z10_mean_of_an_empty_mask": Told("alarm", ("the mean of no elements is 0 / 0",), 5),
    "z11_deepcopy_of_a_result": Told("error", ("would have to copy its whole graph",), 6, True),
    "z12_parameters_listed_once": Told("alarm", ("no optimizer ever moves it",), 10),
}

# Errors of the last round whose change a click tries.
ERRORS: dict[str, Told] = {
    "ac15_max_norm_embedding": Told("error", ("modified by an inplace operation", "The embedding of line 12 has a max_norm"), 16, True),
    "ac17_hook_and_inplace_relu": Told("error", ("is a view and is being modified inplace", "a full backward hook (line 33)"), 27, True),
    "ac19_squeeze_of_the_last_batch": Told("error", ("must be the same as input size", "also that of the samples"), 16, True),
    "ac20_scaler_never_scales": Told("error", ("_scale is None", "line 25 goes backward with the loss as it is"), 25, True),
    "ac21_scaler_without_update": Told("error", ("unscale_() is being called after step()", "is followed by no scaler.update()"), 22, True),
    "ac26_segmentation_target_with_channel": Told(
        "error", ("only batches of spatial targets", "one class number for each pixel"), 28, True
    ),
    "ae26_labels_of_bce_are_whole": Told("error", ("can't be cast", "labels of shape (32,), made in line 6, is int64"), 11, True),
    "ac36_kernel_without_jitter": Told("error", ("not positive-definite", "rows that are alike"), 19, True),
}
