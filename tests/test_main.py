"""The program itself, in processes of their own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnn.architecture import parse
from routines.models import find_model
from routines.places import PLACES
from tests.squares import dataset

MAIN = Path(__file__).parent.parent / "main.py"
MODEL = "C(4,5)-P4-FC10"


def run(*arguments: str, typed: bytes = b"", folder: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run main.py with some input, from some folder."""
    command = [sys.executable, str(MAIN), *arguments]
    return subprocess.run(command, input=typed, capture_output=True, cwd=folder, timeout=120, check=False)


@pytest.fixture
def data_file(tmp_path: Path) -> Path:
    path = tmp_path / "data.npz"
    data = dataset()
    np.savez(path, x_train=data.x_train, y_train=data.y_train, x_test=data.x_test, y_test=data.y_test)
    return path


@pytest.mark.parametrize("typed", [b"", b"9\n", b"\xff\xfe\n", b"\x00\n", b"x" * 1_000_000 + b"\n"])
def test_the_menu_takes_any_bytes_from_any_folder_and_ends_cleanly(typed: bytes, tmp_path: Path) -> None:
    done = run(typed=typed, folder=tmp_path)
    assert done.returncode == 0 and done.stderr == b""
    assert "Train a new model" in done.stdout.decode() and done.stdout.endswith(b"End of input: goodbye.\n")
    assert not list(tmp_path.iterdir())


SHIPPED = (
    "C(8,5)-P2-C(16,3)-P2-C(32,3)-P2-FC256-FC10",
    "C(8,5)-P2-C(16,3)-P2-FC128-FC10",
    "C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10",
)


@pytest.mark.parametrize("model", SHIPPED)
def test_the_shipped_models_read_digits_as_well_as_they_say(model: str, tmp_path: Path) -> None:
    done = run("evaluate", "--model", model, "--json", folder=tmp_path)
    assert done.returncode == 0
    accuracy = json.loads(done.stdout)["accuracy"]
    assert accuracy > 0.99
    # Another processor rounds in another order, which can turn an image or two.
    assert accuracy == pytest.approx(find_model(PLACES, parse(model)).metadata["accuracy"], abs=0.0003)


def test_the_shipped_models_are_in_the_menu_by_size(tmp_path: Path) -> None:
    shown = run(folder=tmp_path).stdout.decode()
    places = [shown.index(f"  {model}  ") for model in SHIPPED]
    assert places == sorted(places)


def test_a_mistake_is_status_2_and_one_sentence_on_standard_error() -> None:
    done = run("train", "--model", "C(8,5)")
    assert done.returncode == 2 and done.stdout == b""
    assert done.stderr.count(b"\n") == 1 and b"Traceback" not in done.stderr


def test_without_its_environment_it_says_what_to_type() -> None:
    done = subprocess.run([sys.executable, "-I", "-S", str(MAIN)], capture_output=True, check=False)
    assert done.returncode == 2 and done.stdout == b""
    first, *commands = done.stderr.decode().splitlines()
    assert first.startswith("This Python lacks numpy, psutil, rich, threadpoolctl, which")
    assert len(commands) == 2 and commands[1].endswith("python main.py") and b"Traceback" not in done.stderr


def test_nothing_heavy_is_loaded_before_the_menu() -> None:
    heavy = ["matplotlib", "cv2", "scipy", "keras", "openvino", "PIL"]
    code = f"import sys, main, menu.loop, menu.command_line; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=MAIN.parent, check=True)
    assert done.stdout.split() == [b"[]"]


def test_what_reads_the_output_may_stop_reading() -> None:
    command = [sys.executable, str(MAIN)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode in (1, 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_the_output_is_a_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, str(MAIN)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr == b"The output cannot be written (No space left on device).\n"


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_closed_streams_are_an_empty_input_and_no_output() -> None:
    shell = f"'{sys.executable}' '{MAIN}' <&- >&-"
    done = subprocess.run(["/bin/sh", "-c", shell], stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to a whole console")
def test_ctrl_c_ends_training_and_keeps_the_network(data_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "mine.npz"
    arguments = ["train", "--model", MODEL, "--data", str(data_file), "--output", str(output), "--epochs", "1000"]
    command = [sys.executable, str(MAIN), *arguments, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        messages = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert "Interrupted in epoch" in messages and "Traceback" not in messages
    assert not output.exists() and (tmp_path / "unfinished_mine.npz").exists()
