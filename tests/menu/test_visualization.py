"""Feature visualization in the menu and on the command line."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from cnn import Model
from menu import command_line
from menu.actions.visualize import ask_channel
from preprocessing.mnist import load_mnist
from routines.places import Places
from tests.menu.conftest import Session
from tests.menu.test_loop import put_model

Captured = pytest.CaptureFixture[str]
Run = Callable[..., int]


@pytest.fixture
def output(places: Places) -> Path:
    return places.visualizations


@pytest.fixture
def picture(places: Places) -> Path:
    Image.fromarray(load_mnist().x_test[0]).save(places.input)
    return places.input


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_a_terminal_shows_the_stages_with_count_rate_and_time(
    places: Places, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=120, force_terminal=True, color_system=None)
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n-1\n"))
    ask_channel(console, places, Model.load(put_model(folder)))
    text = screen.getvalue()
    # Of a stage that is over at once, only what the bar was refreshed in time for is shown.
    for words in ("Ascent", "/256", "steps/s", "Ascent for the sheet", "/512", "Drawing", "1/1", "00:00"):
        assert words in text, words


def test_a_channel_is_visualized_with_wrong_answers_on_the_way(session: Session, folder: Path, output: Path) -> None:
    put_model(folder)
    status, transcript = session("1\n2\nx\n9\n1\n-2\n4\n2\n0\n0\n")
    assert status == 0
    assert (
        """\
Choose: 2

#  Layer   Kind         Channels
────────────────────────────────
1  C(4,5)  convolution         4
2  P4      pooling             4
3  FC10    digits             10

Layer (1 to 3): x
This is a whole number, such as 5: 'x' was given. Type digits only.
Layer (1 to 3): 9
Layers of this model are numbered from 1 to 3: 9 was given. Choose another.
Layer (1 to 3): 1
Channel (0 to 3, -1 for the layer as a whole): -2
This is a whole number, such as 5: '-2' was given. Type digits only.
Channel (0 to 3, -1 for the layer as a whole): 4
Channels of layer 1 are numbered from 0 to 3, and -1 is the layer as a whole: 4 was given. Choose another.
Channel (0 to 3, -1 for the layer as a whole): 2
Channel 2: the strongest test digit excites it to """
        in transcript
    )
    kept = output / "C(4,5)-P4-FC10" / "layer_1_channel_2"
    assert (
        files(output)
        == files(kept)
        == {
            "feature_visualize_1.jpg",
            "feature_visualize_1_labelled.jpg",
            "sheet.jpg",
            "diversity.jpg",
            "spectrum.jpg",
            "together.jpg",
        }
    )
    assert f"a copy stays in {kept}\n" in transcript and transcript.endswith("Choose: 0\n")
    session("1\n2\n1\n0\n0\n0\n")
    latest, earlier, later = (
        (place / "sheet.jpg").read_bytes() for place in (output, kept, kept.with_name("layer_1_channel_0"))
    )
    assert latest == later != earlier


def test_the_image_is_visualized_and_read(session: Session, folder: Path, output: Path, picture: Path) -> None:
    put_model(folder)
    status, transcript = session("1\n1\n\n3\n0\n0\n")
    assert status == 0
    assert "input.png is read as " in transcript and "% sure." in transcript
    assert len(files(output)) == 14 and files(output) == files(output / "C(4,5)-P4-FC10" / "layer_3_image_input")


def test_a_picture_is_a_path_or_a_name_or_number_of_the_list_or_a_test_digit(
    session: Session, folder: Path, picture: Path, places: Places
) -> None:
    put_model(folder)
    places.pictures.mkdir()
    for name in ("a.png", "[b].png"):
        (places.pictures / name).write_bytes(picture.read_bytes())
    picture.unlink()
    typed = {"2": "a.png", "[b].png": "[b].png", str(places.pictures / "a.png"): "a.png", "Test 7": "Test digit 7"}
    for text, name in typed.items():
        _, transcript = session(f"1\n1\n\nnowhere.png\n9\n{text}\n3\n0\n0\n")
        assert " 1  [b].png\n 2  a.png\nPicture, its number, or test 1234 for a test digit:\nA picture is" in transcript
        assert "'nowhere.png' was given. Type one of them." in transcript
        assert f"{name} is read as " in transcript
    assert "Test digits are numbered from 0 to 99: 100 was given." in session("1\n1\ntest 100\n3\n0\n0\n")[1]


def test_ctrl_c_goes_back_to_the_menu(session: Session, folder: Path, output: Path) -> None:
    put_model(folder)
    status, transcript = session("1\n2\n1\n0\n0\n0\n", "^Channel 0: ")
    assert status == 0 and "Interrupted: back to the menu." in transcript
    assert files(output) == {"feature_visualize_1.jpg", "feature_visualize_1_labelled.jpg"}


def test_a_dead_channel_is_named(session: Session, folder: Path) -> None:
    model = Model.create("C(4,5)-P4-FC10")
    first = model.arrays()[1]
    first["weight"][0], first["bias"][0] = 0, -1
    model.save(folder / "dead.npz")
    assert "Channel 0 of layer 1 is dead: no test digit excites it." in session("1\n2\n1\n0\n0\n0\n")[1]


@pytest.fixture
def run(places: Places, folder: Path) -> Run:
    """The command in the test's places, for a model that was never trained."""

    def run(*more: str) -> int:
        return command_line.run(["visualize", "--weights", str(put_model(folder)), *more], places)

    return run


def test_the_command_prints_an_object_for_each_picture(run: Run, tmp_path: Path, capsys: Captured) -> None:
    other = tmp_path / "other"
    assert run("--layer", "1", "--channel", "2", "--seed", "5", "--output", str(other), "--json") == 0
    first, labelled, second, *_ = map(json.loads, capsys.readouterr().out.splitlines())
    assert first | {"file": labelled["file"], "title": labelled["title"]} == labelled
    assert list(first)[:4] == list(second)[:4] == ["file", "layer", "channel", "activation"]
    assert (first["file"], first["layer"], first["channel"]) == (str(other / "feature_visualize_1.jpg"), 1, 2)
    assert first["activation"] == first["optimised_activation"] > first["highest_test_activation"]
    assert second["file"] == str(other / "sheet.jpg")


def test_an_image_on_the_command_line(run: Run, output: Path, picture: Path, capsys: Captured) -> None:
    assert run("--layer", "3", "--image", str(picture), "--output", str(output), "--json") == 0
    captured = capsys.readouterr()
    objects = [json.loads(line) for line in captured.out.splitlines()]
    assert len(objects) == 14 and all(Path(each["file"]).exists() for each in objects)
    activations = [each["activation"] for each in objects[:10:2]]
    assert activations == sorted(activations, reverse=True)
    assert captured.err == ""


def test_other_data_are_compared_with_and_other_classes_said(
    run: Run, places: Places, tmp_path: Path, capsys: Captured
) -> None:
    assert places.data
    data = places.data.rename(tmp_path / "moved.npz")
    arguments = ["--layer", "1", "--channel", "0", "--output", str(tmp_path / "other")]
    assert run(*arguments) == 2
    capsys.readouterr()
    assert run(*arguments, "--data", str(data), "--json") == 0
    assert capsys.readouterr().err == ""
    Model.create("C(4,5)-P4-FC12").save(tmp_path / "twelve.npz")
    arguments[:2] = ["--weights", str(tmp_path / "twelve.npz"), "--layer", "1"]
    assert command_line.run(["visualize", *arguments, "--data", str(data), "--json"], places) == 0
    assert capsys.readouterr().err == (
        "The test images are of other classes than the model's: it tells 12 apart, the data have 10. Give data of its "
        "classes with --data, or a model trained on these.\n"
    )


@pytest.mark.parametrize("seeds", [("1", "1"), ("1", "2")])
def test_the_seed_decides(run: Run, tmp_path: Path, seeds: tuple[str, str]) -> None:
    pictures = []
    for place, seed in enumerate(seeds):
        where = tmp_path / str(place)
        assert run("--layer", "3", "--channel", "2", "--seed", seed, "--output", str(where), "--json") == 0
        pictures.append(np.asarray(Image.open(where / "feature_visualize_1.jpg")))
    assert (pictures[0] == pictures[1]).all() == (seeds[0] == seeds[1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--layer", "1"], "One of the arguments --channel --image is required"),
        (["--channel", "1"], "required: --layer"),
        (["--layer", "1", "--channel", "0", "--image", "x.jpg"], "not allowed with argument"),
        (["--layer", "0", "--channel", "0"], "numbered from 1 to 3: 0 was given"),
        (["--layer", "two", "--channel", "0"], "a whole number, such as 5: 'two' was given"),
        (["--layer", "1", "--channel", "4"], "numbered from 0 to 3, and -1 is the layer as a whole: 4 was given"),
        (["--layer", "1", "--channel", "-2"], "'-2' was given"),
        (["--layer", "1", "--image", "nowhere.jpg"], "nowhere.jpg"),
        (["--layer", "1", "--image", __file__], "test_visualization.py"),
        (["--layer", "1", "--channel", "0", "--output", __file__], "pictures go into a folder"),
    ],
)
def test_a_mistake_is_one_sentence_and_status_2(run: Run, arguments: list[str], message: str, capsys: Captured) -> None:
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and message in captured.err and captured.err.count("\n") == 1


def test_ctrl_c_on_the_command_line_is_status_130(
    run: Run, output: Path, when_shown: Callable[[str], None], capsys: Captured
) -> None:
    when_shown("^Channel 0: ")
    assert run("--layer", "1", "--channel", "0") == 130
    assert len(capsys.readouterr().out.splitlines()) == 2 and len(files(output)) == 2
