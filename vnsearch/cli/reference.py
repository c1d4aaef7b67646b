"""Print the command line's reference: ``python -m vnsearch.cli.reference > docs/CLI.md``."""

from __future__ import annotations

import argparse
import os

from vnsearch.cli.arguments import build_parser

__all__ = ["reference"]

_HEAD = """\
# The command line

What `vnsearch --help` and `vnsearch COMMAND --help` print. This page is written by
`python -m vnsearch.cli.reference > docs/CLI.md`; a test holds it to the code.
"""


def reference() -> str:
    """Return the page: the help of vnsearch and of each of its commands, 88 columns wide."""
    columns = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "88"
    try:
        parser = build_parser()
        parts = [_HEAD, _section("vnsearch", parser)]
        for action in parser._subparsers._group_actions if parser._subparsers else []:
            if isinstance(action, argparse._SubParsersAction):
                parts += [_section(f"vnsearch {name}", sub) for name, sub in action.choices.items()]
    finally:
        if columns is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = columns
    return "\n".join(parts)


def _section(title: str, parser: argparse.ArgumentParser) -> str:
    return f"## {title}\n\n```\n{parser.format_help().rstrip()}\n```\n"


if __name__ == "__main__":
    print(reference(), end="")
