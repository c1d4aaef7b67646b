"""The command line: a thin layer over the public API, with no logic of its own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

__all__ = ["main"]

STOPPED = 130  # by Ctrl-C, as shells count
HUNG_UP = 129  # its terminal was closed
TERMINATED = 143  # by SIGTERM
PIPE_CLOSED = 141  # the reader of our output went away


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no exception leaves it.

    0: found or done; 1: nothing found; 2: wrong use, or something that cannot be read. With
    ``VNSEARCH_DEBUG`` set, an error shows its traceback.
    """
    from vnsearch.cli.arguments import UsageError, build_parser
    from vnsearch.cli.terminal import Terminal

    given = list(sys.argv[1:] if argv is None else argv)
    options = given[: given.index("--")] if "--" in given else given
    terminal = Terminal(as_json="--json" in options)
    try:
        arguments = build_parser().parse_args(given or ["repl"])
        if arguments.command is None:
            arguments = build_parser().parse_args([*given, "repl"])
        from vnsearch.cli.commands import COMMANDS

        with _terminable():
            code = COMMANDS[arguments.command](arguments, terminal)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse has said its word
        return stop.code if isinstance(stop.code, int) else 2
    except UsageError as error:
        terminal.fail(error)
        return 2
    except KeyboardInterrupt as error:
        terminal.fail(error)
        return STOPPED
    except BrokenPipeError:
        _discard_output()
        return PIPE_CLOSED
    except Exception as error:
        if os.environ.get("VNSEARCH_DEBUG"):
            raise
        terminal.fail(error)
        try:
            sys.stdout.flush()
        except (OSError, AttributeError):  # a full disk, or no output at all
            _discard_output()
        return 2


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise, so that what is half made is cleared away.

    A second SIGTERM ends at once. A second SIGHUP does not: a terminal that is closed may send one,
    and the shell in it another.
    """
    codes = {signal.SIGTERM: TERMINATED}
    if hasattr(signal, "SIGHUP"):
        codes[signal.SIGHUP] = HUNG_UP
    # not those that are ignored (nohup), or our caller's own
    taken = [number for number in codes if signal.getsignal(number) is signal.SIG_DFL]

    def terminate(number: int, frame: object) -> None:
        for one in taken:
            signal.signal(one, signal.SIG_DFL if one == signal.SIGTERM else signal.SIG_IGN)
        raise SystemExit(codes[signal.Signals(number)])

    with suppress(ValueError):  # not the main thread
        for one in taken:
            signal.signal(one, terminate)
    try:
        yield
    finally:
        with suppress(ValueError):
            for one in taken:
                signal.signal(one, signal.SIG_DFL)


def _discard_output() -> None:
    """Let what is buffered and cannot be written go nowhere, lest the interpreter complain."""
    with suppress(OSError, AttributeError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
