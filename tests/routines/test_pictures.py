"""Folders of pictures, and the folder of what is written of them: what other people's files go through."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from figures.contact_sheet import COLUMNS, ROWS
from preprocessing.files import PictureFile
from preprocessing.prediction import Prediction
from routines.own_pictures import is_own, write_own
from routines.pictures import ContactSheets, FolderError, OutputFolder, check_output, find_pictures

PNG = cv2.imencode(".png", np.zeros((28, 28), np.uint8))[1].tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "seen"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_hidden_files_and_folders_are_left_out_and_the_rest_is_in_name_order(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in (".hidden.png", "b.png", "A.pdf", "notes.txt"):
        (tmp_path / name).touch()
    assert find_pictures([tmp_path]) == [tmp_path / "A.pdf", tmp_path / "b.png", tmp_path / "notes.txt"]


@pytest.mark.parametrize("name", ["7.png", "größe 数.png", "gro\u0308ße.png", "$x$ [b].png"])
def test_an_own_picture_is_known_and_still_a_picture(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_own(path, PNG)
    assert is_own(path)
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None and pixels.shape == (28, 28) and not pixels.any()
    with pytest.raises(FileExistsError):
        write_own(path, PNG)


def test_what_was_changed_or_renamed_or_is_anything_else_is_not_own(tmp_path: Path) -> None:
    write_own(tmp_path / "a.png", PNG)
    whole = (tmp_path / "a.png").read_bytes()
    others = {
        "b.png": whole,  # another name
        "plain.png": PNG,
        "empty.png": b"",
        "short.png": whole[-50:],
    }
    for name, content in others.items():
        (tmp_path / name).write_bytes(content)
        assert not is_own(tmp_path / name), name
    for place in (20, len(PNG) - 5, len(whole) - 20):
        changed = bytearray(whole)
        changed[place] ^= 1
        (tmp_path / "a.png").write_bytes(changed)
        assert not is_own(tmp_path / "a.png"), place
    (tmp_path / "a.png").write_bytes(whole + b"\n")
    assert not is_own(tmp_path / "a.png")
    (tmp_path / "folder.png").mkdir()
    assert not is_own(tmp_path / "folder.png") and not is_own(tmp_path / "gone.png")


def test_only_what_was_written_before_is_removed(folder: Path) -> None:
    first = OutputFolder(folder)
    for stem in ("7", "9", "edited", "renamed"):
        first.write(stem, PNG)
    (folder / "edited.png").write_bytes(b"drawn over")
    (folder / "renamed.png").rename(folder / "favourite.png")
    (folder / "mine").mkdir()
    (folder / "mine" / "deep.png").touch()
    (folder / "8.png").write_bytes(b"mine")
    (folder / "contact_sheet.png").write_bytes(PNG)
    second = OutputFolder(folder)
    assert names(folder) == ["8.png", "contact_sheet.png", "edited.png", "favourite.png", "mine"]
    written = [second.write(stem, PNG).name for stem in ("7", "8", "contact_sheet", "mine")]
    assert written == ["7.png", "8 (2).png", "contact_sheet (2).png", "mine.png"]
    assert (folder / "8.png").read_bytes() == b"mine" and (folder / "contact_sheet.png").read_bytes() == PNG
    assert (folder / "mine" / "deep.png").exists()


def test_links_stay_and_nothing_is_written_through_them(folder: Path, tmp_path: Path) -> None:
    OutputFolder(folder).write("a", PNG)
    precious = tmp_path / "a.png"
    (folder / "a.png").rename(precious)
    try:
        os.symlink(precious, folder / "a.png")
        os.symlink(tmp_path / "nowhere.png", folder / "b.png")
    except OSError:
        pytest.skip("This system lets nobody make links.")
    again = OutputFolder(folder)
    assert [again.write(stem, b"new" * 50).name for stem in "ab"] == ["a (2).png", "b (2).png"]
    assert is_own(precious) and not (tmp_path / "nowhere.png").exists()


def test_the_same_stem_twice_loses_nothing(folder: Path) -> None:
    output = OutputFolder(folder)
    written = [output.write(stem, PNG) for stem in ("7", "7", "7", "seven", "SEVEN")]
    assert [path.name for path in written[:4]] == ["7.png", "7 (2).png", "7 (3).png", "seven.png"]
    assert len(list(folder.iterdir())) == 5  # on systems that take capitals for small letters too


@pytest.mark.parametrize("stem", ["a" * 255, "数" * 85])
def test_a_long_name_is_cut(stem: str, folder: Path) -> None:
    output = OutputFolder(folder)
    first, second = output.write(stem, PNG), output.write(stem, PNG)
    assert first != second and is_own(first) and is_own(second)
    assert stem.startswith(first.stem)


def test_a_page_that_cannot_be_written_is_said(folder: Path) -> None:
    output = OutputFolder(folder)
    folder.rmdir()
    with pytest.raises(FolderError, match="cannot be written"):
        output.write("a", PNG)


def test_a_folder_of_pictures_to_read_or_a_file_takes_no_output(tmp_path: Path) -> None:
    picture = tmp_path / "scans" / "a.png"
    picture.parent.mkdir()
    picture.touch()
    with pytest.raises(FolderError, match=r"but this holds some to read\. Give another folder"):
        check_output(picture.parent / ".." / "scans", [picture])
    with pytest.raises(FolderError, match="but this is a file"):
        check_output(picture, [])
    check_output(picture.parent / "seen", [picture])
    check_output(tmp_path, [picture])


def test_contact_sheets_have_all_pictures_on_as_many_pages_as_it_takes(folder: Path) -> None:
    sheets = ContactSheets(OutputFolder(folder), "Title")
    nothing = Prediction(PictureFile(Path("$x$.png"), error="no picture"), ())
    for _ in range(COLUMNS * ROWS + 1):
        sheets.add(nothing)
    sheets.finish()
    sheets.finish()
    assert [path.name for path in sheets.paths] == ["contact_sheet.png", "contact_sheet (2).png"]
    heights = [np.asarray(cv2.imread(str(path))).shape[0] for path in sheets.paths]
    assert heights[0] > 5 * heights[1]
