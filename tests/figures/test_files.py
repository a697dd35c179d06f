"""Picture files."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from figures.files import ENLARGEMENT, OutputError, save_figure, save_image


def test_shrinking_the_file_gives_the_image_back(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    save_image(tmp_path / "x.jpg", image)
    with Image.open(tmp_path / "x.jpg") as file:
        assert (file.format, file.mode, file.size) == ("JPEG", "L", (448, 448))
        pixels = np.asarray(file)
        small = np.asarray(file.resize((28, 28), Image.Resampling.BOX))
    blocks = pixels.reshape(28, ENLARGEMENT, 28, ENLARGEMENT)
    assert (blocks.min(axis=(1, 3)) == blocks.max(axis=(1, 3))).all()
    assert np.abs(small.astype(int) - image).max() <= 1
    assert [path.name for path in tmp_path.iterdir()] == ["x.jpg"]


@pytest.mark.parametrize(("name", "form", "size"), [("x.jpg", "JPEG", (300, 150)), ("x.png", "PNG", (240, 120))])
def test_a_figure_is_written_as_its_name_says(tmp_path: Path, name: str, form: str, size: tuple[int, int]) -> None:
    save_figure(tmp_path / name, Figure(figsize=(2, 1)))
    with Image.open(tmp_path / name) as file:
        assert (file.format, file.size) == (form, size)


def test_what_cannot_be_written_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").mkdir()
    with pytest.raises(OutputError, match=r"x\.jpg: the picture could not be written \(.*\)\. Choose another folder\."):
        save_image(tmp_path / "x.jpg", np.zeros((28, 28), np.uint8))
    assert [path.name for path in tmp_path.iterdir()] == ["x.jpg"]
