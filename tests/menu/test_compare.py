"""Comparing networks in the menu and on the command line."""

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from cnn.recipe import Recipe
from menu.compare_report import difference_lines, standings_table
from menu.progress import Follower
from routines.comparison.standings import standings
from routines.comparison.trials import Outcome, Trial
from routines.events import Alongside, Progressed
from tests.menu.conftest import MODEL, Captured, Command, Session


def test_networks_are_compared_with_wrong_answers_on_the_way(session: Session, folder: Path) -> None:
    typed = f"2\nC(4,5)-P4\nFC10 {MODEL.lower()}\n0\n0.01\n2\n0\n2\n\n7\n0\n"
    status, transcript = session(typed)
    assert status == 0
    for line in (
        "Token 2, 'P4', of 'C(4,5)-P4': FC10 must be the last token, one unit for each digit. Add -FC10.",
        "A learning rate is above 0 and at most 1: 0 was given. Try 0.001.",
        "The number of seeds is from 1 to 100: 0 was given. Choose another.",
        "Begin? (y/n) [y]: y",
        "Accuracy and cost: FOLDER/comparison/accuracy.png",
        "A network is picked by its number in the table, from 1 to 2: 7 was given. Give another.",
    ):
        assert line in transcript
    assert re.search(r"^4 trainings, \d+ at a time, about \d+ s\.$", transcript, re.MULTILINE)
    assert len(re.findall(r"^ +\d  +[\d.]+%  T s  ", transcript, re.MULTILINE)) == 4
    assert (folder / "comparison" / "losses.png").stat().st_size > 10_000
    status, again = session(f"2\nFC10 {MODEL}\n0.01\n2\n2\n\n1\n\n0\n")
    assert "4 trainings, 4 of them finished before" in again and "test accuracy" in again
    assert re.search(r"Keep the weights of number 1 as .* \[y\]: y\n", again)
    assert len(list(folder.glob("weight_details*.npz"))) == 1


def test_who_does_not_want_to_begin_is_back_in_the_menu(session: Session, folder: Path) -> None:
    status, transcript = session("2\nFC10\n\n1\n1\nn\n0\n")
    assert status == 0 and transcript.endswith("Choose: 0\n") and "Traceback" not in transcript
    assert not (folder / "comparison" / "comparison.jsonl").exists()


def test_scripts_are_told_of_each_training_and_of_the_end(command: Command, tmp_path: Path, capsys: Captured) -> None:
    words = ["compare", "--models", MODEL, "fc10", "--epochs", "1", "--seeds", "2", "--output", str(tmp_path / "c")]
    more = ["--learning-rates", "0.01", "--test", "1", "--save", str(tmp_path / "best.npz"), "--json"]
    assert command(*words, *more) == 0
    *done, end, picked = map(json.loads, capsys.readouterr().out.splitlines())
    assert len(done) == 4 and not any(each["before"] for each in done)
    assert [each["number"] for each in end["standings"]] == [1, 2] and end["left"] == 0
    assert picked["number"] == 1 and picked["weights"] == str(tmp_path / "best.npz")
    assert command(*words, "--learning-rates", "0.01", "--json") == 0
    *again, end_again = map(json.loads, capsys.readouterr().out.splitlines())
    assert all(each["before"] for each in again) and end_again["standings"] == end["standings"]


def test_a_search_is_asked_for_in_place_of_model_strings(session: Session, folder: Path) -> None:
    status, transcript = session("2\nunder nothing\nUnder 5000 parameters\n0.01\n1\n1\nlong\n0.02\n\n\n0\n")
    assert status == 0
    for line in ("A search is 'under N parameters'", "A budget is in minutes, above 0: 'long' was given."):
        assert line in transcript
    assert "As many trainings as there is time for" in transcript
    assert re.search(r"^ +1  +[\d.]+%  T s  ", transcript, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "A comparison has at least one network: none was given."),
        (("--models", "P2"), "FC10 must be the last token"),
        (("--models", "FC10", "--budget", "soon"), "A budget is in minutes, above 0: 'soon' was given. Try 10."),
        (("--models", "FC10", "--seeds", "0"), "The number of seeds is from 1 to 100: 0 was given."),
        (("--search", "tiny"), "A search is 'under N parameters', 'faster than MODEL'"),
        (("--models", "FC10", "--validation", "0"), "a share of 0 was given"),
        (("--models", "FC10", "--cluster", "nowhere"), "A cluster is an address such as tcp://host:8786"),
        (("--models", "FC10", "--budget", "1e-9"), "A comparison needs time for a training"),
    ],
)
def test_mistakes_are_one_sentence(command: Command, capsys: Captured, words: tuple[str, ...], sentence: str) -> None:
    assert command("compare", *words) == 2
    shown = capsys.readouterr().err
    assert sentence in " ".join(shown.split()) and "Traceback" not in shown


def found(*accuracies: tuple[float, ...]) -> list[Outcome]:
    return [
        Outcome(Trial(f"FC{20 + number}-FC10", Recipe(seed=seed), 0), (1.0,), (accuracy,), 6000, 1.0)
        for number, each in enumerate(accuracies)
        for seed, accuracy in enumerate(each)
    ]


def test_differences_are_stated_plainly() -> None:
    clear = standings(found((0.97, 0.98, 0.99), (0.9, 0.91, 0.92)))
    assert difference_lines(clear) == [
        "Number 1 is better than 1 of 1 others by more than luck (paired over seeds, 5% for all together): 2."
    ]
    close = standings(found((0.97, 0.98, 0.99), (0.98, 0.96, 0.97)))
    assert "better than 0 of 1" in difference_lines(close)[0]
    assert difference_lines(close)[1].startswith("The difference to these may be luck: 2 (+1.00 ± 1.00 points)")
    assert difference_lines(standings(found((0.9,), (0.8,)))) == [
        "With one seed each, nothing tells a difference from luck: give more seeds."
    ]
    assert difference_lines(standings(found((0.9,)))) == []


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_table_fits_its_terminal(width: int) -> None:
    screen = io.StringIO()
    Console(file=screen, width=width).print(standings_table(standings(found((0.97, 0.98), (0.9, 0.91))), width))
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert [name in lines[0] for name in ("Multiply-adds", "Seconds", "Parameters")] == [width > 110, width > 70, True]


def test_what_runs_at_once_has_a_line_each_below_the_bar_until_it_ends() -> None:
    screen = io.StringIO()
    follower = Follower(Console(file=screen, width=120, force_terminal=True, color_system=None))

    def routine() -> object:
        yield Progressed("Comparing", 0.5, 2, "trainings")
        yield Alongside((Progressed("one", 0.5, 1, "trainings", "loss 2"), Progressed("two [x]", 0, 1, "trainings")))
        assert follower._bar and [task.description for task in follower._bar.tasks] == ["Comparing", "one", "two [x]"]
        yield Alongside((Progressed("two [x]", 0.9, 1, "trainings"),))
        assert [task.description for task in follower._bar.tasks] == ["Comparing", "two [x]"]
        follower.below = "the table so far"
        follower._bar.refresh()

    follower.follow(routine(), lambda event: None)  # type: ignore[arg-type]
    assert "two [x]" in screen.getvalue() and "the table so far" in screen.getvalue()
    assert follower.below is None
