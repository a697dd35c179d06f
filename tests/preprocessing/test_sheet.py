"""Where a sheet lies on a picture."""

import cv2
import numpy as np

from preprocessing.sheet import find_sheet
from system.arrays import Array
from tests.preprocessing.drawings import rows, to_picture

CORNERS = np.array([[460, 320], [850, 480], [690, 860], [300, 700]], np.float32)
SIZE = (1200, 1200)


def laid(paper: Array, table: Array) -> Array:
    """Lay paper of one channel on a grey or coloured table, with its corners at CORNERS."""
    height, width = paper.shape
    own = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(own, CORNERS)
    is_paper = cv2.warpPerspective(np.ones_like(paper), matrix, SIZE) > 0
    picture = np.array(table)
    picture[is_paper] = cv2.warpPerspective(paper, matrix, SIZE)[is_paper, np.newaxis] * [0.95, 0.9, 1.0]
    return picture


def test_a_sheet_is_found_beside_its_shadow_on_a_table_that_is_nearly_as_light() -> None:
    table = np.full((*SIZE, 3), (165, 165, 125), np.uint8)
    cv2.fillPoly(table, [np.array([[380, 300], [470, 250], [860, 420], [840, 500]])], (30, 30, 30))
    found = find_sheet(laid(to_picture(rows("3427", "4537")), table))
    assert found is not None and np.abs(found - CORNERS).max() < 25


def test_a_sheet_is_found_whole_where_light_falls_along_it() -> None:
    """Its brighter half is brighter than the rest of the picture, and has four straight sides as well."""
    paper = to_picture(rows("3427", "4537"))
    light = np.linspace(1, 0.6, paper.shape[1])
    found = find_sheet(laid((paper * light).astype(np.uint8), np.full((*SIZE, 3), 60, np.uint8)))
    assert found is not None and np.abs(found - CORNERS).max() < 25


def test_the_light_that_falls_on_paper_without_an_edge_is_no_sheet() -> None:
    light = np.full(SIZE, 200.0)
    light[:, 600:] = np.linspace(200, 60, 600)
    assert find_sheet(light.astype(np.uint8)) is None


def test_a_sheet_with_a_corner_in_shadow_has_that_corner() -> None:
    paper = to_picture(rows("3427", "4537"))
    height, width = paper.shape
    cv2.fillPoly(paper, [np.array([[width - height // 4, 0], [width, 0], [width, height // 4]])], 60)
    found = find_sheet(laid(paper, np.full((*SIZE, 3), 70, np.uint8)))
    assert found is not None and np.abs(found - CORNERS).max() < 25
