"""Opens the menu, or runs one subcommand: see README.md."""

import io
import os
import sys


def main() -> int:
    """Run what the command line asks for; returns the exit status."""
    _prepare_streams()
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
