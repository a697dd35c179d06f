"""README.md, docs/ and benchmarks/README.md: links lead somewhere, and commands name what there is."""

import argparse
import re
import shlex
from functools import cache
from pathlib import Path

import pytest

from menu import command_line

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "benchmarks" / "README.md"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
OTHERS = {"venv", "dask", "pip", "pytest", "coverage"}  # modules of other projects
PYTHON = re.compile(r"^(?:\w+=\w+ )?(?:py|python|python3|\.venv[/\\](?:bin|Scripts)[/\\]python) (.+)")


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path, text: str) -> list[str]:
    """Links in a text that lead to no file, or to no heading of it."""
    wrong = []
    for link in re.findall(r"\]\(([^)]+)\)", re.sub(r"`[^`]*`", "", text)):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not link.startswith("https://") and not (target.is_file() and (not anchor or anchor in anchors(target))):
            wrong.append(link)
    return wrong


def commands(text: str) -> list[str]:
    """What is typed in a shell: the lines of blocks that are no Python, and code in sentences."""
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.replace("\\\n", "").splitlines()]
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", FENCE.sub("", text))]
    return [each for each in lines + spans if PYTHON.match(each) or re.match(r"make( |$)", each)]


def problem(command: str) -> str:
    """Say what a command names that is not there; nothing where all is."""
    words = shlex.split(command)
    if words[0] == "make":
        return make_problem(words[1:])
    match = PYTHON.match(command)
    assert match
    words = shlex.split(match[1])
    if words[0] == "-m":
        return module_problem(words[1], words[2:])
    if words[0] != "main.py":
        return f"{words[0]} is not main.py"
    return main_problem(words[1:]) if words[1:] else ""


def make_problem(words: list[str]) -> str:
    settings = dict(word.split("=", 1) for word in words if "=" in word)
    for name in settings:
        if f"$({name})" not in MAKEFILE:
            return f"the Makefile has no {name}"
    for target in (word for word in words if "=" not in word):
        if not re.search(rf"^{target}:", MAKEFILE, re.MULTILINE):
            return f"the Makefile has no target {target}"
    module = f"benchmarks.{settings['BENCH']}" if "BENCH" in settings else "menu.make_models"
    return (
        module_problem(module, settings.get("ARGS", "").split()) if "bench" not in words or "BENCH" in settings else ""
    )


def module_problem(module: str, words: list[str]) -> str:
    if module in OTHERS:
        paths = [word for word in words if word.startswith("tests/") or word.endswith(".txt")]
        return next((f"there is no {path}" for path in paths if not (ROOT / path).exists()), "")
    file = ROOT / f"{module.replace('.', '/')}.py"
    if not file.is_file():
        return f"there is no module {module}"
    source = file.read_text(encoding="utf-8")
    return next(
        (f"{module} has no {word}" for word in words if word.startswith("--") and f'"{word}"' not in source), ""
    )


@cache
def flags(name: str) -> set[str]:
    parser = command_line._parser([name])
    (choices,) = (each.choices for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    return {flag for action in choices[name]._actions for flag in action.option_strings} if name in choices else set()


def main_problem(words: list[str]) -> str:
    if words[0] in ("COMMAND", "--version"):
        return ""
    return next((f"{words[0]} has no {word}" for word in words if word[:2] == "--" and word not in flags(words[0])), "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings_that_are_there(page: Path) -> None:
    assert broken(page, prose(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_name_targets_modules_and_flags_that_are_there(page: Path) -> None:
    found = commands(page.read_text(encoding="utf-8"))
    assert [f"{command}: {wrong}" for command in found if (wrong := problem(command))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_source_files_that_are_named_are_there(page: Path) -> None:
    named = re.findall(r"`([a-z_]+/[a-z_/]+\.(?:py|md|txt))`", prose(page))
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_every_page_of_docs_is_reached_from_the_readme() -> None:
    readme = prose(ROOT / "README.md")
    assert [page.name for page in PAGES[1:] if f"({page.relative_to(ROOT).as_posix()}" not in readme] == []


# The readers of links and commands are themselves to be trusted.


@pytest.mark.parametrize("link", ["docs/none.md", "docs/speed.md#none", "#none", "docs"])
def test_a_broken_link_is_seen(link: str) -> None:
    assert broken(ROOT / "README.md", f"[good](docs/speed.md#speed) and [bad]({link})") == [link]


@pytest.mark.parametrize(
    "command",
    [
        "make nothing",
        "make bench BENCH=nothing",
        'make bench BENCH=growth ARGS="--nothing 1"',
        "make run NOTHING=1",
        "python main.py nothing --model 1",
        "python main.py train --nothing",
        ".venv/bin/python -m benchmarks.nothing",
        ".venv/bin/python -m benchmarks.growth --nothing",
        "KILLS=200 .venv/bin/python -m pytest tests/nothing.py",
        "python3 nothing.py",
    ],
)
def test_a_command_that_names_nothing_is_seen(command: str) -> None:
    assert commands(f"so: `{command}` and\n\n```\n{command}\n```\n") == [command, command]
    assert problem(command)
