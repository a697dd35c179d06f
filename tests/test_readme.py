"""README.md: its size, and its Python with that of docs/architecture.md, as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LARGEST = 9_000  # bytes


def test_the_readme_is_short() -> None:
    assert (ROOT / "README.md").stat().st_size <= LARGEST


def test_the_code_of_readme_and_docs_does_what_it_says(tmp_path: Path) -> None:
    pages = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/architecture.md")]
    blocks = re.findall(r"```python\n(.*?)```", "\n".join(pages), re.DOTALL)
    assert len(blocks) == 2
    code = "\n".join(blocks).replace('"weight_output/', f'"{tmp_path.as_posix()}/')
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    number, accuracy, digit, layer = done.stdout.decode().splitlines()
    assert (number, digit) == ("2026", "7")
    assert float(accuracy) > 0.985
    assert layer.startswith("LayerInfo(number=3, spec=Convolution(filters=16, kernel_size=3, padding=0, stride=1)")
