"""Many trainings: how many at a time, killed and resumed, on a cluster of this machine, and what a scheduler sustains.

python -m benchmarks.comparing at-once
python -m benchmarks.comparing kills [--kills 5] [--epochs 1]
python -m benchmarks.comparing cluster [--epochs 1]
python -m benchmarks.comparing scheduler [--workers 10 100 1000] [--seconds 10] [--processes 4]

`kills` and `cluster` compare twelve small networks with two rates and three seeds; `cluster` starts a scheduler and two
workers of one thread as processes on 127.0.0.1, kills one while it trains, and starts no other. `scheduler` gives
sleeping trainings to workers that are threads of few processes, five for each.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from statistics import median
from threading import Event as Flag
from typing import Any

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
SLEEPS = 5  # of each worker


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
        seconds = 0.0
        for event in compare(
            CompareRequest(
                tuple(MODELS),
                folder / "one",
                tuple(map(float, RATES)),
                recipe=Recipe(epochs=epochs, validation=0.1),
            ),
            PLACES,
            Flag(),
        ):
            if isinstance(event, TrialDone):
                seconds += event.outcome.seconds
        say(f"processes of this machine: {seconds:.0f} s of training in all")
        for lose in (False, True):
            output = folder / f"cluster_{lose}"
            with start_cluster(folder, 2) as (file, workers):
                start = time.perf_counter()
                with subprocess.Popen(
                    command(output, epochs, "--cluster", file), cwd=ROOT, stdout=subprocess.DEVNULL
                ) as started:
                    while lose and not ((output / NAME).exists() and len(ledger(output)) >= 20):
                        time.sleep(0.1)
                    if lose:
                        workers[0].kill()
                    status = started.wait()
                whole = time.perf_counter() - start
            (folder / "scheduler.json").unlink(missing_ok=True)
            same = ledger(output) == ledger(folder / "one")
            say(f"two workers{', one killed' if lose else ''}: {whole:.0f} s, exit {status}, same ledger: {same}")


async def _workers(address: str, count: int, seconds: float) -> None:
    """Be so many workers, of one thread each, until the scheduler is gone or the time is over."""
    import asyncio

    from distributed import Worker

    found = [Worker(address, nthreads=1, dashboard=False, memory_limit=0) for _ in range(count)]
    for first in range(0, count, 25):
        await asyncio.gather(*found[first : first + 25])
    await asyncio.sleep(seconds)


def scheduler(counts: list[int], seconds: float, processes: int) -> None:
    """Give sleeping trainings, five for each worker, to more and more workers."""
    distributed: Any = import_module("distributed")
    say("| workers | trainings | shortest possible, s | took, s | busy | trainings a second | scheduler's MB |")
    say("|---|---|---|---|---|---|---|")
    for count in counts:
        with tempfile.TemporaryDirectory() as name, start_cluster(Path(name), 0) as (file, _):
            address = json.loads(Path(file).read_text(encoding="utf-8"))["address"]
            shares = [count // processes + (place < count % processes) for place in range(processes)]
            words = [sys.executable, "-m", "benchmarks.comparing", "workers", "--address", address, "--count"]
            started = [
                subprocess.Popen([*words, str(share)], cwd=ROOT, stderr=subprocess.DEVNULL) for share in shares if share
            ]
            try:
                client: Any = distributed.Client(address, timeout=60)
                client.wait_for_workers(count, timeout=240)
                executor = client.get_executor(pure=False)
                begin = time.perf_counter()
                futures = [executor.submit(time.sleep, seconds) for _ in range(SLEEPS * count)]
                for future in futures:
                    future.result()
                took, least = time.perf_counter() - begin, SLEEPS * seconds
                pids = [
                    process.memory_info().rss
                    for process in psutil.process_iter(["cmdline"])
                    if file in (process.info["cmdline"] or ()) and "scheduler" in process.info["cmdline"]
                ]
                say(
                    f"| {count:,} | {len(futures):,} | {least:.0f} | {took:.1f} | {least / took:.0%} | "
                    f"{len(futures) / took:.1f} | {max(pids, default=0) / 1e6:.0f} |"
                )
                client.close()
            finally:
                for process in started:
                    process.kill()
                    process.wait()


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("at-once", "kills", "cluster", "scheduler", "workers"))
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--workers", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--address", help="of `workers`, which `scheduler` starts")
    parser.add_argument("--count", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.what == "at-once":
        at_once(chosen.epochs)
    elif chosen.what == "kills":
        kills(chosen.kills, chosen.epochs)
    elif chosen.what == "cluster":
        cluster(chosen.epochs)
    elif chosen.what == "scheduler":
        scheduler(chosen.workers, chosen.seconds, chosen.processes)
    else:
        import asyncio

        asyncio.run(_workers(chosen.address, chosen.count, 3600))


if __name__ == "__main__":
    main()
