"""The table of epochs."""

from dataclasses import replace

import pytest

from cnn import Recipe
from cnn.training import EpochResult
from menu.epochs import epoch_heading, epoch_line

RESULT = EpochResult(7, 20, 0.12345, 0.012345, 0.9876, 12.34, 12345.6, 0.9912)


def table(recipe: Recipe, result: EpochResult, width: int) -> str:
    return f"{epoch_heading(recipe, width)}\n{epoch_line(result, width)}"


def test_headings_say_which_images_an_accuracy_is_of() -> None:
    assert (
        table(Recipe(epochs=20, validation=0.1), RESULT, 60)
        == """\
                      accuracy,  accuracy,                  \n\
         mean  median distorted validation                  \n\
epoch    loss    loss    images     images     time images/s\n\
 7/20  0.1235 0.01235    98.76%     99.12%   12.3 s   12,346"""
    )
    assert (
        table(Recipe(epochs=20, augment=False), replace(RESULT, validation_accuracy=None), 80)
        == """\
                      accuracy,                  \n\
         mean  median  training                  \n\
epoch    loss    loss    images     time images/s\n\
 7/20  0.1235 0.01235    98.76%   12.3 s   12,346"""
    )


@pytest.mark.parametrize(
    ("loss", "shown"),
    [
        (9.99994, "9.9999 9.99994"),
        (273.98133, "273.98  273.98"),
        (1751.7641, "1751.8  1751.8"),
        (3.4e38, " 3e+38   3e+38"),
    ],
)
def test_losses_beyond_all_bounds_stay_in_their_columns(loss: float, shown: str) -> None:
    assert f"1/20  {shown}  " in epoch_line(replace(RESULT, epoch=1, mean_loss=loss, median_loss=loss), 80)


@pytest.mark.parametrize("epochs", [20, 1000])
@pytest.mark.parametrize("width", [20, 40, 59, 60, 64])
def test_columns_that_do_not_fit_are_left_out_whole(epochs: int, width: int) -> None:
    lines = table(Recipe(epochs=epochs, validation=0.1), replace(RESULT, epochs=epochs), width).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert 0 < len(lines[0]) <= width
    assert lines[-1].startswith(" 7/20") or lines[-1].startswith("   7/1000")
    assert lines[-1].rstrip().endswith(("5", "%", " s", "12,346"))
