"""Many trainings: how many at a time, killed and resumed, and on a cluster of this machine.

python -m benchmarks.comparing at-once
python -m benchmarks.comparing kills [--kills 5] [--epochs 1]
python -m benchmarks.comparing cluster [--epochs 1]

`kills` and `cluster` compare twelve small networks with two rates and three seeds; `cluster` does so with one process
and with a scheduler and two workers of one thread, processes of their own on 127.0.0.1, and once more where one of the
two is killed while it trains, and no other started.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from threading import Event as Flag

import psutil
from rich.console import Console

from cnn.architecture import parse
from cnn.recipe import Recipe
from routines.answers import Constant
from routines.compare import CompareRequest, compare
from routines.comparison.events import TrialDone
from routines.comparison.ledger import NAME
from routines.models import SHIPPED
from routines.places import PLACES, ROOT
from routines.train import TrainRequest, train
from tests.routines.cluster import cluster as start_cluster

MODELS = (
    "C(4,5)-P4-FC10 C(4,5)-P2-FC10 C(8,5)-P4-FC10 C(8,5)-P2-FC10 C(8,3)-P2-FC10 C(16,5)-P4-FC10 "
    "C(4,3)-P2-C(8,3)-P2-FC10 C(8,3)-P2-C(8,3)-P2-FC10 C(8,3)-P2-C(16,3)-P2-FC10 C(8,5)-P2-C(16,3)-P2-FC10 "
    "FC16-FC10 FC32-FC10"
).split()
RATES = ("0.001", "0.003")


def say(text: str) -> None:
    """Print a line."""
    Console().print(text, soft_wrap=True, markup=False, highlight=False)


def at_once(epochs: int) -> None:
    """Train each model that ships twice: both at once with one process each, and one after the other with two."""
    for model in SHIPPED:
        recipe = Recipe(epochs=epochs, validation=0.1)
        together, after = [], []
        for _ in range(3):
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                request_of_both = CompareRequest((model,), Path(folder), seeds=2, recipe=recipe)
                events = compare(request_of_both, PLACES, Flag())
                together += [event.outcome.seconds for event in events if isinstance(event, TrialDone)]
                whole = time.perf_counter() - start
                for seed in range(2):
                    request = TrainRequest(parse(model), Path(folder) / f"{seed}.npz", recipe, workers=2)
                    start = time.perf_counter()
                    for _ in train(request, PLACES, Constant(), Flag()):
                        pass
                    after.append(time.perf_counter() - start)
        say(
            f"{model}: {median(together):.1f} s for two at once, {2 * median(after):.1f} s one after the other "
            f"(with starting processes and loading data the first took {whole:.1f} s)"
        )


def command(folder: Path, epochs: int, *more: str) -> list[str]:
    """Return the command that compares the twelve."""
    words = ["--models", *MODELS, "--learning-rates", *RATES, "--epochs", str(epochs), "--output", str(folder)]
    return [sys.executable, "main.py", "compare", *words, "--json", *more]


def run(words: list[str]) -> float:
    """Run a command to its end, and return its seconds."""
    start = time.perf_counter()
    subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def ledger(folder: Path) -> list[str]:
    """Return the lines of a ledger without times, sorted."""
    lines = (json.loads(line) for line in (folder / NAME).read_text(encoding="utf-8").splitlines())
    return sorted(json.dumps({**line, "seconds": 0}) for line in lines)


def kills(count: int, epochs: int) -> None:
    """Compare, and compare again where the program is killed at random moments; are the ledgers the same?"""
    with tempfile.TemporaryDirectory() as name:
        whole, killed = Path(name) / "whole", Path(name) / "killed"
        seconds = run(command(whole, epochs))
        say(f"whole: {len(ledger(whole))} trainings in {seconds:.0f} s")
        for _ in range(count):
            with subprocess.Popen(command(killed, epochs), cwd=ROOT, stdout=subprocess.DEVNULL) as started:
                time.sleep(random.uniform(3, 1.5 * seconds / (count + 1)))  # noqa: S311
                started.kill()
            lines = len(ledger(killed)) if (killed / NAME).exists() else 0
            say(f"killed with {lines} in the ledger")
        run(command(killed, epochs))
        say(f"the same ledger: {ledger(whole) == ledger(killed)}, {len(ledger(killed))} lines")


def cluster(epochs: int) -> None:
    """Compare with one process, with two workers of a cluster, and with two of which one is killed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        with psutil.Popen(command(folder / "one", epochs), cwd=ROOT, stdout=subprocess.DEVNULL) as alone:
            alone.cpu_affinity([0])  # it takes as many processes as there are cores for it
        say(f"one process: {time.perf_counter() - start:.0f} s, exit {alone.returncode}")
        for lose in (False, True):
            output = folder / f"cluster_{lose}"
            with start_cluster(folder, 2) as (file, workers):
                start = time.perf_counter()
                words = command(output, epochs, "--cluster", file)
                with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL) as started:
                    while lose and not ((output / NAME).exists() and len(ledger(output)) >= 20):
                        time.sleep(0.1)
                    if lose:
                        workers[0].kill()
                    status = started.wait()
                whole = time.perf_counter() - start
            (folder / "scheduler.json").unlink(missing_ok=True)
            same = ledger(output) == ledger(folder / "one")
            say(f"two workers{', one killed' if lose else ''}: {whole:.0f} s, exit {status}, same ledger: {same}")


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("at-once", "kills", "cluster"))
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.what == "at-once":
        at_once(chosen.epochs)
    elif chosen.what == "kills":
        kills(chosen.kills, chosen.epochs)
    else:
        cluster(chosen.epochs)


if __name__ == "__main__":
    main()
