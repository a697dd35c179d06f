"""Opens the menu, or runs one subcommand: see README.md."""

import io
import os
import sys


def main() -> int:
    """Run what the command line asks for; returns the exit status."""
    _prepare_streams()
    if missing := _missing():
        sys.stderr.write(missing)
        return 2
    try:
        if len(sys.argv) > 1:
            from menu import command_line

            status = command_line.run(sys.argv[1:])
        else:
            from menu import loop

            status = loop.start()
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except OSError as error:  # files have their own errors: this is the terminal, or what took its place
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"The output cannot be written ({error.strerror}).\n")
        # What is left in the buffer must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2


def _missing() -> str:
    """Return what to do before the program can run; empty where all is there that the menu needs."""
    if sys.version_info < (3, 10):  # noqa: UP036 - this file is what an older Python reads first
        return "Python 3.10 or later is needed, this is " + sys.version.split()[0] + ". Run main.py with a later one.\n"
    from importlib.util import find_spec

    absent = [name for name in ("numpy", "psutil", "rich", "threadpoolctl") if not find_spec(name)]
    if not absent:
        return ""
    setup, python = "make setup", ".venv/bin/python"
    if sys.platform == "win32":
        python = r".venv\Scripts\python"
        setup = "python -m venv .venv && " + python + " -m pip install --requirement requirements.txt"
    return (
        "This Python lacks " + ", ".join(absent) + ", which the program's own environment has. Type, in its folder:\n"
        "  " + setup + "\n  " + python + " main.py\n"
    )


def _prepare_streams() -> None:
    """Let bytes that are no text not end the program, pipes be UTF-8 on Windows too, and closed streams be empty."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=stream.encoding if stream.isatty() else "utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
