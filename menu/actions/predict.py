"""Reading pictures."""

import argparse
from functools import partial
from pathlib import Path

from rich.console import Console

from cnn.model import Model
from menu import options
from menu.picture_report import FEW, PictureReport
from menu.progress import Follower
from menu.render import INCOMPLETE, OK, say, say_note
from routines.events import Event, Noted, PicturesDone, PicturesKept, Predicted
from routines.places import Places
from routines.predict import PredictRequest, predict

EXAMPLES = (
    'predict --model "C(8,5)-P2-C(16,3)-P2-FC128-FC10" "my photo.jpg"',
    "predict --model 2 scans/ more/7.png --json",
)


def ask(console: Console, places: Places, model: Model) -> None:
    """Read the user's pictures; there is nothing to ask."""
    _predict(PictureReport(console), places, PredictRequest(model), False)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    options.add_model(parser)
    parser.add_argument(
        "paths", type=Path, nargs="*", metavar="PATH", help="picture or folder (default: custom_test_images)"
    )
    parser.add_argument(
        "--show", action="store_true", help=f"draw the digits in the terminal, of more than {FEW} pictures too"
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        help="where to write what the network saw, and contact sheets; files of others there stay. Else nothing is "
        "written, unless custom_test_images is read as a whole: then custom_test_images/resized",
    )
    options.add_cluster(parser)


def run(console: Console, places: Places, chosen: argparse.Namespace) -> int:
    """Read pictures as the command line says; returns the exit status."""
    model, paths = options.chosen_model(chosen, places), tuple(chosen.paths)
    folders = {path.absolute() if path.is_dir() else path.absolute().parent for path in paths}
    report = PictureReport(console, chosen.show, with_folder=len(folders) > 1)
    return _predict(report, places, PredictRequest(model, paths, chosen.output, chosen.cluster), chosen.json)


def _predict(report: PictureReport, places: Places, request: PredictRequest, json: bool) -> int:
    """Read pictures and show them; returns the exit status."""
    follower = Follower(report.console, json)
    follower.follow(predict(request, places, follower.stop), partial(_show, report))
    done, kept = follower.last(PicturesDone), follower.last(PicturesKept)
    return INCOMPLETE if (done and done.refused) or (request.output and not kept) else OK


def _show(report: PictureReport, event: Event) -> None:
    match event:
        case Predicted():
            report.show(event.prediction, event.total)
        case Noted():
            say_note(report.console, event)
        case PicturesDone():
            report.summarize(event)
        case PicturesKept():
            say(report.console, f"What the network saw: {event.folder}")
            for path in event.sheets[:1]:
                more = f" and {len(event.sheets) - 1:,} more" if len(event.sheets) > 1 else ""
                say(report.console, f"Contact sheet: {path}{more}")
            if event.others:
                stay = "file there stays as it is" if event.others == 1 else "files there stay as they are"
                say(report.console, f"{event.others:,} other {stay}.")
