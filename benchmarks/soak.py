"""Ten thousand pictures, five in a hundred broken: all read or named, in memory that stays flat.

python -m benchmarks.soak [--pictures 10000] [--model M]

The program itself reads them, and writes what it saw.
"""

import argparse
import io
import json
import struct
import subprocess
import sys
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep

import numpy as np
import psutil
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import track

from benchmarks.results import publish
from benchmarks.single_process import ROOT
from figures.style import BLUE
from preprocessing.formats import FORMATS
from preprocessing.mnist import load_mnist
from routines.models import SHIPPED

BROKEN_EACH = 20  # one picture in so many
LOOK_EACH = 0.5  # seconds between two looks at the memory


def picture(image: NDArray[np.uint8], number: int) -> bytes:
    """A digit (28, 28) as a file: of any format, of 28 to 448 pixels, dark on light or light on dark."""
    pixels = image if number % 3 else 255 - image
    scale = (1, 3, 8, 16)[number // 2 % 4]
    large = Image.fromarray(pixels).resize((28 * scale, 28 * scale), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    large.convert("RGB" if number % 5 else "L").save(file, FORMATS[number % len(FORMATS)])
    return file.getvalue()


def broken(whole: bytes, number: int) -> bytes:
    """A file that no reader can make a picture of."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    garbage = np.random.default_rng(number).bytes(500)
    return (whole[: len(whole) // 3], b"", b"This is a text.\n", garbage, bomb)[number // BROKEN_EACH % 5]


def fill(folder: Path, images: NDArray[np.uint8], count: int) -> set[str]:
    """Write so many pictures; returns the names of the broken ones."""
    names = set()
    for number in track(range(count), "Making pictures", console=Console(stderr=True)):
        is_broken = number % BROKEN_EACH == 7
        name = f"{number:05}.{FORMATS[number % len(FORMATS)].lower()}"
        whole = picture(images[number % len(images)], number)
        (folder / name).write_bytes(broken(whole, number) if is_broken else whole)
        if is_broken:
            names.add(name)
    return names


def watch(process: psutil.Process, megabytes: list[float]) -> None:
    """Note the memory of a process and of all that it started, until it ends."""
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        with suppress(psutil.Error):  # one of them ended just now
            tree = [process, *process.children(recursive=True)]
            megabytes.append(sum(each.memory_info().rss for each in tree) / 2**20)
        sleep(LOOK_EACH)


def main() -> None:
    """Soak, compare with what is expected, and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--model", default=SHIPPED[-1])
    options = parser.parse_args()
    data = load_mnist()
    megabytes: list[float] = []
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as output:
        folder = Path(name)
        expected = fill(folder, data.x_test, options.pictures)
        command = [sys.executable, "main.py", "predict", "--model", options.model, "--json", "--output", output, name]
        start = perf_counter()
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            Thread(target=watch, args=(psutil.Process(process.pid), megabytes), daemon=True).start()
            out, _ = process.communicate()
        seconds = perf_counter() - start
    answers = [json.loads(line) for line in out.splitlines()]
    named = {Path(answer["file"]).name for answer in answers if "error" in answer}
    labels = data.y_test
    right = [
        answer["number"] == str(labels[int(Path(answer["file"]).stem) % len(labels)])
        for answer in answers
        if "error" not in answer
    ]
    tenth = max(1, len(megabytes) // 10)
    begin, end = float(np.median(megabytes[tenth : 2 * tenth])), float(np.median(megabytes[-tenth:]))
    rows = {
        "pictures, of them broken": f"{options.pictures:,}, {len(expected):,}",
        "answers": f"{len(answers):,}",
        "broken ones that were named": f"{len(named & expected):,}",
        "others that were refused": f"{len(named - expected):,}",
        "read": f"{len(right):,}, {np.mean(right):.2%} right",
        "exit status": f"{process.returncode}",
        "memory of all processes, second tenth of the time": f"{begin:,.0f} MB",
        "last tenth": f"{end:,.0f} MB",
        "most": f"{max(megabytes):,.0f} MB",
        "pictures a second": f"{options.pictures / seconds:,.0f}",
    }
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(np.arange(len(megabytes)) * LOOK_EACH, megabytes, color=BLUE)
    axes.set(xlabel="seconds", ylabel="memory of all processes, MB", ylim=(0, None))
    axes.grid(alpha=0.3)
    lines = ["| what | |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows.items())]
    publish("soak", "\n".join(lines), figure)


if __name__ == "__main__":
    main()
