"""A matrix as an image, however it lies in memory."""

from __future__ import annotations

import numpy as np
import pytest

from ui.pictures.heat import heat_image
from ui.style import theme


@pytest.mark.usefixtures("qapp")
def test_a_transposed_matrix_has_the_picture_of_its_copy() -> None:
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3).T
    assert not matrix.flags.c_contiguous
    assert heat_image(matrix, theme.DARK) == heat_image(matrix.copy(order="C"), theme.DARK)
    assert heat_image(matrix, theme.DARK).width() == 2


@pytest.mark.usefixtures("qapp")
def test_a_cell_that_is_no_number_has_the_colour_of_errors_in_a_transposed_matrix() -> None:
    matrix = np.array([[1.0, np.nan, 2.0], [3.0, 4.0, 5.0]]).T
    assert heat_image(matrix, theme.DARK).pixelColor(0, 1).name() == theme.DARK.error.lower()
