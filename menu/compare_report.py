"""What a comparison shows: how much there is to do, a line for each training, the table, and what is luck."""

from collections.abc import Callable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from menu.render import complain, say, table
from routines.comparison.events import Compared, Planned, TrialDone
from routines.comparison.standings import LUCK, Standing
from system.text import percent

LEFT_OUT = {110: ("Seeds>", "Multiply-adds>"), 90: ("Epochs>",), 70: ("Seconds>",)}  # of terminals narrower than that
SO_FAR = 8  # lines of the table while trainings run
NAMED = 5  # differences that are named


def show_planned(console: Console, event: Planned) -> None:
    """Print how many trainings there are, and about how long they take."""
    count = f"{event.trainings:,} trainings" if event.trainings else "As many trainings as there is time for"
    done = f", {event.finished:,} of them finished before" if event.finished else ""
    time = f", about {_time(event.seconds)}" if event.seconds else ""
    say(console, f"{count}{done}, {event.at_once:,} at a time{time}.")


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


class TrialLines:
    """Lines for trainings, numbered."""

    def __init__(self) -> None:
        self._count = 0

    def show(self, console: Console, event: TrialDone) -> None:
        """Print the line of a training; of those that the ledger had, none."""
        self._count += 1
        if event.before:
            return
        outcome = event.outcome
        read = percent(outcome.accuracy) if outcome.accuracy is not None else "failed"
        say(console, f"{self._count:>4}  {read}  {outcome.seconds:.1f} s  {outcome.trial.name}")
        if outcome.problem:
            complain(console, outcome.problem)


def standings_table(standings: tuple[Standing, ...], width: int) -> Table:
    """Return the table, best first, for so many columns; a star marks the fronts of the best."""
    columns: dict[str, Callable[[Standing], str]] = {
        "Rate>": lambda each: f"{each.recipe.learning_rate:g}",
        "Epochs>": lambda each: str(each.recipe.epochs),
        "Seeds>": lambda each: str(len(each.outcomes)),
        "Validation>": _accuracy,
        "Parameters>": lambda each: f"{each.parameters:,}{'*' if each.smallest else ' '}",
        "Multiply-adds>": lambda each: f"{each.multiply_adds:,}",
        "Seconds>": lambda each: f"{each.seconds:.1f}{'*' if each.fastest else ' '}",
    }
    for least, names in LEFT_OUT.items():
        for name in names if width < least else ():
            del columns[name]
    made = table("#>", "Model", *columns)
    for column in (made.columns[0], *made.columns[2:]):
        column.no_wrap = True  # the model string alone is folded
    for number, each in enumerate(standings, 1):
        made.add_row(*map(Text, (str(number), each.model, *(cell(each) for cell in columns.values()))))
    return made


def _accuracy(each: Standing) -> str:
    if each.accuracy is None:
        return "failed"
    return percent(each.accuracy) + (f" ± {100 * each.error:.2f}" if each.error is not None else "")


def show_compared(console: Console, event: Compared) -> None:
    """Print the table, and what may be said of it."""
    console.print()
    console.print(standings_table(event.standings, console.width))
    say(console, "Validation: mean over seeds ± standard error. *: none smaller, or none faster, reads as many right.")
    if event.left:
        say(console, f"The time was over: {event.left:,} trainings were not done. Start again to go on.", "yellow")
    for line in difference_lines(event.standings):
        say(console, line)
    say(console, f"All of it: {event.folder}")


def difference_lines(standings: tuple[Standing, ...]) -> list[str]:
    """Return sentences of which differences to the best are more than luck."""
    differences = [(number, each.difference) for number, each in enumerate(standings, 1) if each.difference]
    known = [(number, each) for number, each in differences if each.probability is not None]
    if len(standings) < 2:
        return []
    if not known:
        return ["With one seed each, nothing tells a difference from luck: give more seeds."]
    better = [number for number, each in known if each.is_more_than_luck]
    unclear = [(number, each) for number, each in known if not each.is_more_than_luck]
    lines = [
        f"Number 1 is better than {len(better)} of {len(known)} others by more than luck (paired over seeds, "
        f"{LUCK:.0%} for all together)" + (f": {_list(better)}." if better else ".")
    ]
    if unclear:
        shown = (
            f"{number} ({100 * each.mean:+.2f} ± {100 * (each.error or 0):.2f} points)"
            for number, each in unclear[:NAMED]
        )
        more = f" and {len(unclear) - NAMED} more" if len(unclear) > NAMED else ""
        lines.append(f"The difference to these may be luck: {', '.join(shown)}{more}.")
    return lines


def _list(numbers: list[int]) -> str:
    """Return numbers, in runs: 2, 4 to 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
