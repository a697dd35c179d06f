"""Files that are written whole or not at all."""

from pathlib import Path

import pytest

from system.files import replace_file

NAME = "weights.npz"


def write(path: Path, content: bytes = b"whole") -> None:
    replace_file(path, lambda file: file.write(content))


def test_a_file_is_written_and_replaced_and_nothing_is_beside_it(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        write(tmp_path / NAME, content)
        assert (tmp_path / NAME).read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("x")])
def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(error: BaseException, tmp_path: Path) -> None:
    def half(file: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise error

    write(tmp_path / NAME, b"old")
    with pytest.raises(type(error)):
        replace_file(tmp_path / NAME, half)
    assert (tmp_path / NAME).read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_what_killed_processes_left_of_a_file_goes_with_its_next_writing(tmp_path: Path) -> None:
    left, other, living = (
        tmp_path / name
        for name in (f".{NAME}.999999999.0a1b2c3d.tmp", ".other.npz.999999999.0a1b2c3d.tmp", f".{NAME}.1.0a1b2c3d.tmp")
    )
    for path in (left, other, living):
        path.touch()
    write(tmp_path / NAME)
    assert not left.exists() and other.exists() and living.exists()


def test_a_name_with_wildcards_cleans_up_after_itself_alone(tmp_path: Path) -> None:
    other, own = tmp_path / ".ab.npz.999999999.0a1b2c3d.tmp", tmp_path / ".[a]b.npz.999999999.0a1b2c3d.tmp"
    other.touch()
    own.touch()
    write(tmp_path / "[a]b.npz")
    assert other.exists() and not own.exists()


def test_a_cleaning_up_that_fails_does_not_fail_a_write(tmp_path: Path) -> None:
    """Of a folder, which cannot be removed like a file."""
    (tmp_path / f".{NAME}.999999999.0a1b2c3d.tmp").mkdir()
    write(tmp_path / NAME)
    assert (tmp_path / NAME).read_bytes() == b"whole"


def test_a_name_that_is_no_process_does_not_fail_a_write(tmp_path: Path) -> None:
    (tmp_path / f".{NAME}.{'9' * 30}.0a1b2c3d.tmp").touch()
    write(tmp_path / NAME)
    assert (tmp_path / NAME).read_bytes() == b"whole"
