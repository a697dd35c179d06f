"""Seconds an epoch and peak memory in one process, and how soon the menu is there.

python -m benchmarks.single_process
"""

import json
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.progress import track

from routines.models import SHIPPED

ROOT = Path(__file__).parent.parent
ROUNDS = 5
# The program, and then the most memory it ever had, on standard error.
MEASURED = """
import resource, sys, main
status = main.main()
sys.stderr.write(f"\\n{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
sys.exit(status)
"""


def epoch(model: str, folder: Path) -> tuple[float, float]:
    """Seconds of one epoch of 60,000 images, batch 128, and peak memory in MB."""
    arguments = ["train", "--model", model, "--epochs", "1", "--workers", "1", "--no-augment", "--json"]
    arguments += ["--output", str(folder / "weights.npz")]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.argv[1:] = {arguments}{MEASURED}"],
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    kilobytes = int(done.stderr.splitlines()[-1]) / (1024 if sys.platform == "darwin" else 1)
    return json.loads(done.stdout.splitlines()[0])["seconds"], kilobytes / 1024


def menu() -> float:
    """Seconds from the start of the program until the menu has been shown and left."""
    start = perf_counter()
    subprocess.run([sys.executable, "main.py"], stdin=subprocess.DEVNULL, capture_output=True, check=True, cwd=ROOT)
    return perf_counter() - start


def main() -> None:
    """Print a Markdown table, the models alternating."""
    seconds: dict[str, list[float]] = {model: [] for model in SHIPPED}
    memory: dict[str, float] = {}
    starts = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in track(range(ROUNDS), console=Console(stderr=True)):
            for model in SHIPPED:
                taken, memory[model] = epoch(model, Path(folder))
                seconds[model].append(taken)
                (Path(folder) / "weights.npz").unlink()
            starts.append(menu())
    lines = ["| model | epoch, s, minimum | median | peak memory, MB |", "|---|---|---|---|"]
    for model, taken_each in seconds.items():
        lines.append(
            f"| `{model}` | {min(taken_each):.2f} | {statistics.median(taken_each):.2f} | {memory[model]:.0f} |"
        )
    lines.append(
        f"\nMenu: {min(starts):.2f} s minimum, {statistics.median(starts):.2f} s median; {platform.platform()}"
    )
    Console().print("\n".join(lines), soft_wrap=True, markup=False, highlight=False)


if __name__ == "__main__":
    main()
