"""Pictures a second that are read, from the file to the number: 28 pixels, 1 megapixel and 12 megapixels.

python -m benchmarks.predict [--rounds 5]

The pictures are test digits: 28x28 as PNG, the others as the JPEG files of a phone, a digit over half their height on
paper with a grain. One process, and one on each core, take turns.
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import track

from benchmarks.results import publish
from cnn.architecture import parse
from figures.style import BLUE, SKY_BLUE
from preprocessing.make_samples import BLUE_INK, light, paper, stroke, write
from preprocessing.mnist import load_mnist
from preprocessing.prediction import predict
from routines.models import SHIPPED, find_model
from routines.places import PLACES
from system.arrays import Array
from system.processes import available_cores

# What a picture is called, its height and width, and how many there are in a turn.
SIZES = {"28x28 PNG": (28, 28, 2000), "1 megapixel JPEG": (866, 1155, 200), "12 megapixel JPEG": (3000, 4000, 40)}
DIFFERENT = 10  # pictures of a large size; the others are their copies


def make_pictures(folder: Path) -> dict[str, list[Path]]:
    """Pictures of each size, in a folder."""
    images = load_mnist().x_test
    generator = np.random.default_rng(0)
    made: dict[str, list[Path]] = {}
    for name, (height, width, count) in SIZES.items():
        files = (
            list(_encoded(images, generator, height, width))
            if height > 28
            else [cv2.imencode(".png", image)[1] for image in images]
        )
        made[name] = [folder / f"{height}_{index}.{'jpg' if height > 28 else 'png'}" for index in range(count)]
        for index, path in enumerate(made[name]):
            path.write_bytes(files[index % len(files)].tobytes())
    return made


def _encoded(images: Array, generator: np.random.Generator, height: int, width: int) -> Iterator[Array]:
    for index, image in enumerate(images[:DIFFERENT]):
        ink = stroke(image, height // 2)
        sheet = write(paper(generator, height, width, (240, 245, 245)), ink, BLUE_INK, width // 4, height // 5)
        yield cv2.imencode(".jpg", np.clip(light(sheet, 0.7, index), 0, 255).astype(np.uint8))[1]


def main() -> None:
    """Measure, the sizes alternating, and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    model = find_model(PLACES, parse(SHIPPED[-1]))
    workers = sorted({1, available_cores()})
    speeds: dict[str, dict[int, list[float]]] = {name: {count: [] for count in workers} for name in SIZES}
    with tempfile.TemporaryDirectory() as folder:
        pictures = make_pictures(Path(folder))
        turns = [(name, count) for _ in range(rounds) for name in SIZES for count in workers]
        for name, count in track(turns, console=Console(stderr=True)):
            start = perf_counter()
            read = sum(not prediction.file.error for prediction in predict(model, pictures[name], count))
            speeds[name][count].append(read / (perf_counter() - start))
    columns = ["pictures", *(f"{count} {'process' if count == 1 else 'processes'}, a second" for count in workers)]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for name, by_count in speeds.items():
        cells = [f"{statistics.median(each):,.0f} ({min(each):,.0f} to {max(each):,.0f})" for each in by_count.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    publish("predict", "\n".join(lines), plot(speeds))


def plot(speeds: dict[str, dict[int, list[float]]]) -> Figure:
    """Bars of the medians, on a logarithmic axis."""
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(speeds))[::-1]
    for index, (count, colour) in enumerate(zip(next(iter(speeds.values())), (SKY_BLUE, BLUE), strict=False)):
        medians = [statistics.median(by_count[count]) for by_count in speeds.values()]
        label = f"{count} {'process' if count == 1 else 'processes'}"
        bars = axes.barh(places + 0.2 - 0.4 * index, medians, 0.38, color=colour, label=label)
        axes.bar_label(bars, fmt="{:,.0f}", padding=3)
    axes.set_yticks(places, list(speeds))
    axes.set(xscale="log", xlabel="pictures a second")
    axes.margins(x=0.15)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend()
    return figure


if __name__ == "__main__":
    main()
