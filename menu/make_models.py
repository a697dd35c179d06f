"""Makes the models in weight_output/ from a seed: python -m menu.make_models [--seed 0] [--output FOLDER] [MODEL ...].

With --whole-digits, instead, the network of `cnn.wholeness` that tells digits from no digits.

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
from routines.make_models import MakeRequest, WholeDigitsRequest, make_model, make_whole_digits
from routines.models import SHIPPED
from routines.places import PLACES, Places


def main(arguments: Sequence[str] | None = None, places: Places = PLACES) -> int:
    """Make the models; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=SHIPPED, metavar="MODEL")
    parser.add_argument("--seed", type=options.argument(whole_number), default=0)
    parser.add_argument("--whole-digits", action="store_true", help="what tells digits from no digits, and no model")
    parser.add_argument("--output", type=Path, default=places.weights, metavar="FOLDER")
    chosen = parser.parse_args(arguments)
    console = Console()
    try:
        if chosen.whole_digits:
            follower = Follower(console)
            made = WholeDigitsRequest(seed=chosen.seed)
            follower.follow(make_whole_digits(made, places, follower.stop), partial(show, console))
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
