"""The house: which room may import which, and what each room alone may do; read from the source of every file."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("menu", "routines", "figures", "feature_visualize", "preprocessing", "cnn", "system")

# What a room may import besides itself.
ARROWS: dict[str, set[str]] = {
    "main": {"menu", "system"},
    "menu": {"routines", "figures", "feature_visualize", "preprocessing", "cnn", "system"},
    "routines": {"figures", "feature_visualize", "preprocessing", "cnn", "system"},
    "figures": {"feature_visualize", "cnn", "system"},
    "feature_visualize": {"cnn", "system"},
    "preprocessing": {"system"},
    "cnn": {"system"},
    "system": set(),
    "benchmarks": {"routines", "figures", "feature_visualize", "preprocessing", "cnn", "system", "tests"},
}

# Who alone may import a module: rooms, or files.
OWNERS: dict[str, set[str]] = {
    "rich": {"menu", "benchmarks"},
    "argparse": {"menu", "benchmarks"},
    "matplotlib": {"figures", "benchmarks"},
    # The first process is interrupted in the menu; worker processes are not, and wait while they start.
    "signal": {"menu", "benchmarks", "system", "cnn/workers.py"},
    "keras": {"preprocessing/mnist.py", "benchmarks"},
    "distributed": {
        "routines/cluster.py",
        "routines/comparison/cluster.py",
        "routines/predict_cluster.py",
        "benchmarks",
    },
}

HEAVY = ("matplotlib", "cv2", "scipy", "keras", "PIL", "pillow_heif", "openvino", "h5py", "onnx", "distributed")
# A program of its own, which nothing imports.
LOADS_AT_ONCE = {"preprocessing/make_samples.py"}

LINES_OF_A_FILE, LINES_OF_A_FUNCTION = 250, 50


def files(*rooms: str) -> list[str]:
    """The source files of some rooms; `main` is main.py."""
    found = [ROOT / "main.py"] if "main" in rooms else []
    for room in rooms:
        found += sorted((ROOT / room).rglob("*.py"))
    return [path.relative_to(ROOT).as_posix() for path in found]


PRODUCT = files("main", *ROOMS)
CODE = files("main", *ROOMS, "benchmarks")


@cache
def tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"), file)


def room_of(file: str) -> str:
    return file.split("/")[0].removesuffix(".py")


def imports(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Every module that is imported in some code, within functions too, and the line."""
    for each in ast.walk(node):
        if isinstance(each, ast.Import):
            for alias in each.names:
                yield alias.name, each.lineno
        elif isinstance(each, ast.ImportFrom):
            assert not each.level, "imports give the whole name"
            yield each.module or "", each.lineno
        elif isinstance(each, ast.Call) and _is_import(each.func) and each.args:
            name = each.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value, each.lineno


def _is_import(function: ast.expr) -> bool:
    """Whether a function is `import_module` or `__import__`."""
    return (isinstance(function, ast.Attribute) and function.attr == "import_module") or (
        isinstance(function, ast.Name) and function.id in ("import_module", "__import__")
    )


def imports_at_once(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Every module that is imported where a file is: not in a function, and not for a type checker alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield from imports(child)
        else:
            yield from imports_at_once(child)


def test_a_room_imports_only_where_an_arrow_leads() -> None:
    own = {*ROOMS, "main", "benchmarks", "tests"}
    wrong = [
        f"{file}:{line} {name}"
        for file in CODE
        for name, line in imports(tree(file))
        if {name.split(".")[0]} & own - ARROWS[room_of(file)] - {room_of(file)}
    ]
    assert not wrong


def test_what_one_room_alone_may_import_no_other_does() -> None:
    wrong = [
        f"{file}:{line} {name}"
        for file in CODE
        for name, line in imports(tree(file))
        if not {room_of(file), file} & OWNERS.get(name.split(".")[0], {room_of(file)})
    ]
    assert not wrong


def test_heavy_modules_are_imported_where_they_are_used() -> None:
    wrong = [
        f"{file}:{line} {name}"
        for file in PRODUCT
        if file not in LOADS_AT_ONCE
        for name, line in imports_at_once(tree(file))
        if name.split(".")[0] in HEAVY
    ]
    assert not wrong


def test_only_the_menu_prints_and_asks() -> None:
    wrong = [
        f"{file}:{node.lineno}"
        for file in PRODUCT
        if room_of(file) != "menu"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "input")
    ]
    assert not wrong


def test_no_file_and_no_function_is_too_long() -> None:
    wrong = []
    for file in PRODUCT:
        if (count := len((ROOT / file).read_text(encoding="utf-8").splitlines())) > LINES_OF_A_FILE:
            wrong.append(f"{file}: {count} lines")
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LINES_OF_A_FUNCTION:
                    wrong.append(f"{file}:{node.lineno} {node.name}: {lines} lines")
    assert not wrong


def test_benchmarks_patch_nothing() -> None:
    wrong = [
        f"{file}:{number}"
        for file in files("benchmarks")
        for number, line in enumerate((ROOT / file).read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"mock|patch\(", line)
    ]
    assert not wrong


def test_a_file_opens_with_a_sentence_that_says_what_it_holds() -> None:
    assert not [file for file in PRODUCT if tree(file).body and not ast.get_docstring(tree(file))]


@pytest.mark.parametrize(
    "module", ["main", "menu.loop", "menu.command_line", "cnn", "preprocessing", "routines.train", "feature_visualize"]
)
def test_importing_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({set(HEAVY)} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().split() == []


def test_the_library_needs_no_menu_and_no_pictures() -> None:
    code = "import sys, cnn; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=120, check=True)
    assert not set(done.stdout.decode().split()) & {"menu", "routines", "figures", "preprocessing", "rich"}


# The reader of the imports is itself to be trusted.

SAMPLE = """
import signal
from rich.table import Table
if TYPE_CHECKING:
    import cv2
def used() -> None:
    import scipy.ndimage
    importlib.import_module("keras.layers")
class Holder:
    from PIL import Image
"""


def test_the_reader_of_imports_sees_them_within_functions_and_classes() -> None:
    sample = ast.parse(SAMPLE)
    everywhere = {"signal", "rich.table", "cv2", "scipy.ndimage", "keras.layers", "PIL"}
    assert {name for name, _ in imports(sample)} == everywhere
    assert {name for name, _ in imports_at_once(sample)} == {"signal", "rich.table", "PIL"}


def test_every_room_is_there_and_has_its_arrows() -> None:
    assert set(ROOMS) | {"main", "benchmarks"} == set(ARROWS)
    assert all(files(room) for room in ROOMS)
