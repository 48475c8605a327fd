"""A GIF is written while its pictures come, and shows each of them for its time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from ui.export.film import FPS, pixels, write_film

WIDE, HIGH, COUNT = 321, 200, 40  # a width whose rows are no whole words


def drawn(number: int) -> QImage:
    """A field of noise that walks, in a colour of its own."""
    cells = np.full((HIGH, WIDE, 3), 20, np.uint8)
    field = cells[2 * number : 2 * number + 90, 5 * number : 5 * number + 120]
    colour = QColor.fromHsv(number * 9 % 360, 200, 220)
    field[np.random.default_rng(number).random(field.shape[:2]) < 0.5] = (colour.red(), colour.green(), colour.blue())
    return QImage(cells.tobytes(), WIDE, HIGH, WIDE * 3, QImage.Format.Format_RGB888).copy()


def test_a_film_is_on_the_disk_before_its_last_picture_is_made(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    sizes: list[int] = []

    def pictures() -> Iterator[QImage]:
        for number in range(COUNT):
            (beside,) = tmp_path.iterdir()
            sizes.append(beside.stat().st_size)
            still = drawn(number)
            yield still
            if number % 4 == 0:
                yield still  # shown longer
                yield drawn(number)  # another one that looks the same

    write_film(pictures(), tmp_path / "film.gif", (WIDE, HIGH))
    assert sizes[-1] > sizes[20] > 0, "it grows while the pictures come"
    with image.open(tmp_path / "film.gif") as film:
        assert (film.n_frames, film.size) == (COUNT, (WIDE, HIGH))
        for number in range(COUNT):
            film.seek(number)
            shown = np.asarray(film.convert("RGB")).astype(int)
            assert (np.abs(shown - pixels(drawn(number))).max(axis=2) > 40).mean() < 0.001, number
            assert film.info["duration"] == (3 if number % 4 == 0 else 1) * (1000 // FPS) // 10 * 10


def test_a_film_of_one_picture_plays(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    write_film(iter([drawn(3)]), tmp_path / "film.gif", (WIDE, HIGH))
    with image.open(tmp_path / "film.gif") as film:
        film.load()
        assert film.format == "GIF" and film.size == (WIDE, HIGH)
