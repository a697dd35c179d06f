"""Where the benchmarks leave what they measured."""

from pathlib import Path

from matplotlib.figure import Figure
from rich.console import Console

RESULTS = Path(__file__).parent / "results"


def publish(name: str, text: str, figure: Figure) -> None:
    """Print a Markdown text, and save it and its plot under a name."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text + "\n", encoding="utf-8")
    figure.savefig(RESULTS / f"{name}.png", dpi=150)
    Console().print(text, soft_wrap=True, markup=False, highlight=False)
