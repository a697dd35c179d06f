"""Makes the models in weight_output/ from a seed: python -m menu.make_models [--seed 0] [--output FOLDER] [MODEL ...].

With --whole-digits or --pairs, instead, the network of `cnn.wholeness` that tells digits from no digits, or that of
`cnn.pairs` which reads two that touch.

`routines.make_models` says how.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console

from cnn.recipe import whole_number
from menu import options
from menu.actions.train import show
from menu.progress import Follower
from menu.render import FAILURES, INTERRUPTED, MISTAKE, OK, explain, say
from routines.make_models import DIGIT_PAIRS, WHOLE_DIGITS, MakeRequest, make_model, make_network_of_pieces
from routines.models import SHIPPED
from routines.places import PLACES, Places


def main(arguments: Sequence[str] | None = None, places: Places = PLACES) -> int:
    """Make the models; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=SHIPPED, metavar="MODEL")
    parser.add_argument("--seed", type=options.argument(whole_number), default=0)
    pieces = parser.add_mutually_exclusive_group()
    for flag, made, help in (
        ("--whole-digits", WHOLE_DIGITS, "what tells digits from no digits, and no model"),
        ("--pairs", DIGIT_PAIRS, "what reads two digits that touch, and no model"),
    ):
        pieces.add_argument(flag, action="store_const", const=made, dest="pieces", help=help)
    parser.add_argument("--output", type=Path, default=places.weights, metavar="FOLDER")
    chosen = parser.parse_args(arguments)
    console = Console()
    try:
        if chosen.pieces:
            follower = Follower(console)
            of_seed = replace(chosen.pieces, seed=chosen.seed)
            follower.follow(make_network_of_pieces(of_seed, places, follower.stop), partial(show, console))
            return OK
        chosen.output.mkdir(parents=True, exist_ok=True)
        for model in chosen.models:
            request = MakeRequest(model, chosen.output.absolute())
            request = replace(request, recipe=replace(request.recipe, seed=chosen.seed))
            follower = Follower(console)
            follower.follow(make_model(request, places, follower.stop), partial(show, console))
    except FAILURES as error:
        say(console, explain(error), "red")
        return MISTAKE
    except KeyboardInterrupt:
        say(console, "\nInterrupted.")
        return INTERRUPTED
    return OK


if __name__ == "__main__":
    sys.exit(main())
