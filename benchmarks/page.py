"""The page to draw on: how long making it takes, how large it is, and how long a browser takes to read a stroke.

python -m benchmarks.page [--strokes 100]

Times are of one core, in the process and in the browser's thread, whatever else the machine does. It needs Chromium
with its driver, and selenium.
"""

import argparse
import tempfile
from pathlib import Path
from threading import Event as Flag
from time import process_time
from typing import Any

from rich.console import Console

from cnn.model import Model
from routines.models import read_catalog
from routines.page import PageRequest, make_page
from routines.places import PLACES
from tests.browser import open_browser

# A wave of 60 points, as a pen leaves in a second; then the page is to have nothing else to do.
DRAW = """
why.job.stop();
unitJob.job.stop();
const wave = Array.from({ length: 60 }, (_, i) => ({ x: 0.3 + i / 150, y: 0.4 + 0.3 * Math.sin(i / 10) }));
Object.assign(paper, { strokes: [wave], example: null });
"""
READ = "for (let i = 0; i < arguments[0]; i++) { paper.paint(); read(); }"


def make(model: Model, path: Path) -> float:
    """Make the page of a model, and return the seconds of one core that it took."""
    start = process_time()
    for _ in make_page(PageRequest(model, path), PLACES, Flag()):
        pass
    return process_time() - start


def read_stroke(browser: Any, path: Path, strokes: int) -> float:
    """Return the milliseconds that a page takes to read a drawing after a move of the pen, and to show it."""

    def seconds() -> float:
        metrics = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

    browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    browser.get(path.as_uri())
    browser.execute_script(DRAW)
    browser.execute_script(READ, strokes)  # which compiles what runs often
    start = seconds()
    browser.execute_script(READ, strokes)
    return 1000 * (seconds() - start) / strokes


def main() -> None:
    """Measure the models that ship."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strokes", type=int, default=100)
    strokes = parser.parse_args().strokes
    lines = ["| model | file | making, seconds | a stroke, milliseconds |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder, open_browser(Path(folder)) as browser:
        for model in read_catalog(PLACES).models:
            path = Path(folder) / "page.html"
            seconds = make(model, path)
            stroke = read_stroke(browser, path, strokes)
            lines.append(f"| `{model.string}` | {path.stat().st_size / 1e6:.1f} MB | {seconds:.0f} | {stroke:.0f} |")
    Console().print("\n".join(lines), soft_wrap=True, markup=False, highlight=False)


if __name__ == "__main__":
    main()
