"""What each step of reading a page is worth: how many pictures of each kind are read right without it.

python -m benchmarks.without_steps FOLDER [--digits FOLDER] [--model M]

The folders are as `benchmarks.numbers` takes them.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.numbers import GROUPS, group_of, is_right
from benchmarks.pictures import Case, read_cases
from cnn.architecture import parse
from preprocessing.files import read_file
from preprocessing.foreground import remove_light
from preprocessing.prediction import to_prediction
from preprocessing.steps import STEPS
from routines.models import SHIPPED, find_model
from routines.places import PLACES
from system.processes import SPAWN, available_cores

ALL = "(every step)"
WITHOUT: dict[str, Any] = {  # what takes the place of each step that only pages have
    "open_cards": lambda flat: flat,
    "straighten": lambda flat: None,
    "show_colours": lambda flat, least: flat,
    "remove_near_light": lambda grey, height: remove_light(grey),
    "remove_faint_lines": lambda strength, height: strength,
    "corners_of_table": lambda components, labels: None,
    "find_grids": lambda components, labels: [],
    "ledger_lines": lambda mask, height: None,
    "find_cuts": lambda mask: [],
    "find_sign": lambda one, row, others: "",
}


def count_right(model: str, step: str, cases: Sequence[Case]) -> Counter[str]:
    """Count the pictures of each group that are read right without a step, in this process."""
    reader = find_model(PLACES, parse(model))
    steps = STEPS if step == ALL else replace(STEPS, **{step: WITHOUT[step]})
    names = tuple(reader.class_names)
    return Counter(
        group_of(case) for case in cases if is_right(case, to_prediction(read_file(reader, case.path, steps), names))
    )


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--digits", type=Path)
    parser.add_argument("--model", default=SHIPPED[-1], metavar="M")
    options = parser.parse_args()
    cases, _ = read_cases(options.folder)
    if options.digits:
        cases += [replace(case, kind="shared digits") for case in read_cases(options.digits)[0]]
    parts = [cases[first : first + 8] for first in range(0, len(cases), 8)]
    groups = [name for name in ("shared digits", *GROUPS) if any(group_of(case) == name for case in cases)]
    console = Console(soft_wrap=True, markup=False, highlight=False)
    console.print("| without |", " | ".join(groups), "|")
    console.print("|---" * (len(groups) + 1) + "|")
    with ProcessPoolExecutor(available_cores(), SPAWN) as pool:
        for step in (ALL, *WITHOUT):
            right = sum(pool.map(partial(count_right, options.model, step), parts), Counter[str]())
            console.print(f"| {step} |", " | ".join(str(right[name]) for name in groups), "|")


if __name__ == "__main__":
    main()
