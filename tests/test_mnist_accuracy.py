"""What training reaches on the real digits; without augmentation."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = Path(__file__).parent.parent / "main.py"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "epochs", "accuracy"),
    [
        ("C(8,5)-P2-C(16,3)-P2-FC128-FC10", 1, 0.975),
        ("C(8,5)-P2-C(16,3)-P2-FC128-FC10", 5, 0.987),
        ("C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10", 5, 0.989),
    ],
)
def test_accuracy_on_the_test_set(model: str, epochs: int, accuracy: float, tmp_path: Path) -> None:
    command = [sys.executable, str(MAIN), "train", "--model", model, "--epochs", str(epochs), "--no-augment", "--json"]
    done = subprocess.run([*command, "--output", str(tmp_path / "w.npz")], capture_output=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["accuracy"] >= accuracy


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells what a process had at most")
def test_training_takes_less_than_500_megabytes(tmp_path: Path) -> None:
    model = "C(16,3)-P2-C(32,3)-P2-C(64,3)-P2-FC512-FC10"
    arguments = ["main.py", "train", "--model", model, "--epochs", "1", "--json", "--output", str(tmp_path / "w.npz")]
    # Of the process itself: getrusage would count its parent's memory too, which it shared for a moment.
    code = (
        "import sys, main; main.main(); "
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr)"
    )
    command = [sys.executable, "-c", f"import sys; sys.argv = {arguments}; {code}"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=MAIN.parent)
    assert int(done.stderr.split()[-1]) * 1024 < 500e6
