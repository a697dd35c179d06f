"""Where a sheet lies on a picture."""

import cv2
import numpy as np

from preprocessing.sheet import find_sheet
from tests.preprocessing.drawings import rows, to_picture


def test_a_sheet_is_found_beside_its_shadow_on_a_table_that_is_nearly_as_light() -> None:
    paper = to_picture(rows("3427", "4537"))
    height, width = paper.shape
    corners = np.array([[460, 320], [850, 480], [690, 860], [300, 700]], np.float32)
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32), corners
    )
    picture = np.full((1200, 1200, 3), (165, 165, 125), np.uint8)
    cv2.fillPoly(picture, [np.array([[380, 300], [470, 250], [860, 420], [840, 500]])], (30, 30, 30))
    is_paper = cv2.warpPerspective(np.ones_like(paper), matrix, (1200, 1200)) > 0
    for channel, light in enumerate((0.95, 0.9, 1.0)):
        sheet = cv2.warpPerspective((paper * light).astype(np.uint8), matrix, (1200, 1200))
        picture[is_paper, channel] = sheet[is_paper]
    found = find_sheet(picture)
    assert found is not None and np.abs(found - corners).max() < 25
