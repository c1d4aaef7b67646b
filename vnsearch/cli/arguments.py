"""The command line's words: every command, its options and the help that teaches them."""

from __future__ import annotations

import argparse
import os

from vnsearch._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["UsageError", "build_parser", "default_index"]

_OVERVIEW = """\
Full-text search for Vietnamese articles.

Start here:
  vnsearch search "phong chong dich" --articles news/     search files at once
  vnsearch index news/ --index my-index                   or build an index once
  vnsearch search "phòng chống dịch" --index my-index     and search it quickly
  vnsearch                                                or look around, line by line

Queries may be typed with or without marks, or as Telex or VNI keys.
"""

_EPILOG = """\
The index is ./vnsearch-index, or the directory named by the environment variable
VNSEARCH_INDEX, unless --index says otherwise.

Exit codes: 0 found or done, 1 nothing found, 2 wrong use or something that cannot be read,
130 stopped by Ctrl-C, 143 by SIGTERM, 129 by its terminal being closed. NO_COLOR
turns colours off.

With --json what goes wrong is told in JSON too, a line of standard error each:
{"error": {"type": "IndexNotFoundError", "message": "there is no ..."}} for what stopped
the command, and the same with "warning" for what it went on without.
"""

_QUERY = """\
What a query can say:
  phong chong dich           any of the words, best matches first; marks are understood
  "phòng chống dịch"         the words as a phrase
  covid -"tiêm chủng"        without what follows the minus
  title:covid                in one field
  học AND (sinh OR viên)     all, either; NOT excludes
  ngh*    nghiem~            beginnings; words spelled nearly so
  published:[2021-01-01 TO 2021-12-31]

A query that begins with a minus needs -- before it: vnsearch search -- -covid
"""


class UsageError(Exception):
    """A command line that is none; ``usage`` is what to tell a person who typed it."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message)
        self.usage = usage


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"{self.format_usage()}{self.prog}: error: {message}")


def default_index() -> str:
    """Return the index directory used when none is named."""
    return os.environ.get("VNSEARCH_INDEX") or "vnsearch-index"


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = _parser("vnsearch", _OVERVIEW, _EPILOG)
    parser.add_argument("--version", action="version", version=f"vnsearch {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")

    def command(name: str, line: str, more: str = "") -> argparse.ArgumentParser:
        description = line[0].upper() + line[1:] + "."
        added: argparse.ArgumentParser = commands.add_parser(
            name,
            help=line,
            description=description,
            epilog=more,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        return added

    index = command(
        "index",
        "read articles into an index",
        "The index is made if it is not there yet; an article whose id it holds is replaced.\n"
        "All of it or nothing is written: stopped midway, the index stays as it was.\n\n"
        "examples:\n"
        "  vnsearch index news/ more.jsonl.xz --index my-index\n"
        '  vnsearch index "archive/*.html" --skip-bad\n'
        "  zcat dump.jsonl.gz | vnsearch index - --format jsonl",
    )
    _sources(index, "SOURCE", "files, folders, globs, or - for standard input")
    _index(index)
    _timeout(index)
    _reading(index)
    index.add_argument(
        "--optimize", action="store_true", help="merge the index into one segment afterwards"
    )
    index.add_argument(
        "--workers",
        type=_workers,
        metavar="N",
        help="processes that analyse texts beside this one (for large input, the other cores)",
    )
    _json(index)

    search = command("search", "find articles", _QUERY)
    search.add_argument("query", metavar="QUERY", nargs="+", type=_typed, help="what to look for")
    _index_or_articles(search)
    _reading(search)
    search.add_argument("--limit", type=_count, default=10, metavar="N", help="hits (10)")
    search.add_argument("--offset", type=_count, default=0, metavar="N", help="hits to pass over")
    search.add_argument(
        "--where",
        action="append",
        type=_typed,
        metavar="TEST",
        help="keep only hits that pass, such as section=Y-tế or 'published>=2021-01-01'; "
        "may be repeated",
    )
    search.add_argument(
        "--sort", metavar="FIELD", help="order by a field, not by score; --sort=-FIELD reverses"
    )
    search.add_argument(
        "--facet",
        action="append",
        metavar="FIELD",
        help="count the found articles by a field's values; may be repeated",
    )
    search.add_argument(
        "--fields", metavar="NAMES", help="search these text fields only, as in title,body"
    )
    search.add_argument("--all", action="store_true", help="hits must have all the words")
    search.add_argument("--strict", action="store_true", help="refuse a query that does not parse")
    search.add_argument(
        "--understand",
        choices=["auto", "suggest", "off"],
        default="auto",
        help="mend missing marks and typing keys, only suggest it, or take the query as typed",
    )
    search.add_argument("--explain", action="store_true", help="say how each score came about")
    _json(search)

    repl = command("repl", "search line by line; what bare vnsearch does", "Type :help in it.")
    _index_or_articles(repl)
    _reading(repl)
    _plain(repl)

    analyze = command(
        "analyze",
        "show the tokens and words of a text",
        'examples:\n  vnsearch analyze "Học sinh TP.HCM"\n  cat article.txt | vnsearch analyze -',
    )
    analyze.add_argument(
        "text", metavar="TEXT", nargs="+", type=_typed, help="text, or - for standard input"
    )
    _json(analyze)

    stats = command("stats", "describe an index: articles, terms, sizes")
    _index(stats)
    _json(stats)

    verify = command(
        "verify",
        "prove an index whole, or say what is broken",
        "Every checksum and bound is tested. Exit code 0: whole; 2: broken.",
    )
    _index(verify)
    _json(verify)

    repair = command(
        "repair",
        "drop what is broken from an index, and say what",
        "A damaged or missing vnsearch.json is made anew from the segment files. "
        "Keep a copy if you can.",
    )
    _index(repair)
    _json(repair)

    delete = command("delete", "delete articles by id", "Exit code 1: no such article.")
    delete.add_argument(
        "ids", metavar="ID", nargs="+", type=_typed, help="ids, or - to read them as lines"
    )
    _index(delete)
    _timeout(delete)
    _json(delete)

    convert = command(
        "convert",
        "copy a Whoosh index into a new index",
        "A Whoosh index is made of pickles, which can run code when opened: convert only one\n"
        "that you trust. Its stored fields are read; what was not stored is not there to copy.",
    )
    convert.add_argument("whoosh", metavar="WHOOSH-DIR", help="the directory to read")
    _index(convert)
    _json(convert)
    return parser


def _parser(name: str, description: str, epilog: str) -> argparse.ArgumentParser:
    return _Parser(
        prog=name,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _sources(parser: argparse.ArgumentParser, metavar: str, line: str) -> None:
    parser.add_argument("sources", metavar=metavar, nargs="+", help=line)


def _index(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--index",
        metavar="DIR",
        default=default_index(),
        help="the index directory ($VNSEARCH_INDEX or ./vnsearch-index)",
    )


def _timeout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="how long to wait for another writer (0; inf: for ever)",
    )


def _index_or_articles(parser: argparse.ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    _index(group)
    group.add_argument(
        "--articles",
        action="extend",
        nargs="+",
        metavar="SOURCE",
        help="read these articles into a temporary index and search that",
    )


def _reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=["text", "html", "jsonl", "json", "csv"],
        help="what the sources are, where their names do not say",
    )
    parser.add_argument(
        "--encoding",
        type=_encoding,
        metavar="NAME",
        help="the sources' character set, if not to be detected",
    )
    parser.add_argument(
        "--skip-bad", action="store_true", help="name what cannot be read and go on without it"
    )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _plain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plain", action="store_true", help="no line editing: for pipes and odd terminals"
    )


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is below zero")
    return value


def _workers(text: str) -> int:
    from vnsearch.codec.writer import MAX_WORKERS

    value = _count(text)
    if value > MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"{text} is over {MAX_WORKERS}")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"{text} is no length of time")
    return value


def _encoding(text: str) -> str:
    from vnsearch.articles.sources import check_encoding

    try:
        check_encoding(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


# argparse says "invalid number value: 'x'"
_count.__name__ = _workers.__name__ = _seconds.__name__ = "number"


def _typed(text: str) -> str:
    """Return what was typed where the locale does not know the letters: UTF-8, in practice.

    Bytes that are no letters at all become U+FFFD, as they do on standard input.
    """
    if text.isascii():
        return text
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeError:
        return "".join(["\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text])
