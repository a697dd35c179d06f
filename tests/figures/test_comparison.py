"""Figures of a comparison."""

from figures.comparison import Point, draw_fronts, draw_loss_curves

POINTS = [
    Point(1, "C(8,5)-P2-FC10, 0.001", 0.98, 0.001, 11_738, 2.0, True, True),
    Point(2, "FC10, 0.001", 0.92, None, 785, 3.0, True, False),
    Point(3, "FC100-FC10, 0.001", 0.91, 0.01, 79_510, 1.0, False, True),
]


def test_the_front_of_each_cost_is_a_line_with_the_numbers_of_the_table() -> None:
    size, time = draw_fronts(POINTS).axes
    fronts = [next(line for line in axes.lines if line.get_label() == "front of the best") for axes in (size, time)]
    assert [list(line.get_xdata()) for line in fronts] == [[785, 11_738], [1.0, 2.0]]
    assert [list(line.get_ydata()) for line in fronts] == [[92.0, 98.0], [91.0, 98.0]]
    assert [{text.get_text() for text in axes.texts} for axes in (size, time)] == [{"1", "2"}, {"1", "3"}]
    assert (size.get_xscale(), time.get_xscale()) == ("log", "linear")


def test_networks_on_a_front_are_named_below() -> None:
    figure = draw_fronts(POINTS)
    assert all(f"{point.number}: {point.name}" in figure._supxlabel.get_text() for point in POINTS)


def test_losses_are_curves_by_name() -> None:
    (axes,) = draw_loss_curves([("1: a", (0.5, 0.2)), ("2: b", (0.4, 0.0))]).axes
    assert [line.get_label() for line in axes.lines] == ["1: a", "2: b"]
    assert list(axes.lines[0].get_ydata()) == [0.5, 0.2] and axes.lines[1].get_ydata()[1] > 0
