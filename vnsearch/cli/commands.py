"""What each command does: a call of the public API, and its answer written out.

A command takes the parsed arguments and a terminal and returns the exit code. Imports of the
library stand inside, so that ``vnsearch --help`` need not wait for them.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vnsearch.cli import views
from vnsearch.cli.terminal import Terminal, counted, standard_input
from vnsearch.errors import IndexNotFoundError

if TYPE_CHECKING:
    from vnsearch.articles import Reader
    from vnsearch.index import Index

__all__ = ["COMMANDS", "FOUND", "NOTHING", "WRONG"]

FOUND, NOTHING, WRONG = 0, 1, 2


def index(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Read articles into an index, made if it is not there."""
    from vnsearch.codec import discard
    from vnsearch.index import create_index, open_index

    path = arguments.index
    reader = _reader(arguments, arguments.sources, terminal)  # a missing source is told first
    made = None
    try:
        opened = open_index(path)
    except IndexNotFoundError:
        made = path if not os.path.exists(path) else None
        opened = create_index(path)
    try:
        with opened, reader:
            added = _add(arguments, opened, reader, terminal, arguments.timeout, arguments.workers)
            if arguments.optimize:
                opened.optimize(timeout=arguments.timeout)
            total = len(opened)
    except BaseException:
        if made is not None:  # an index that never came to be leaves nothing behind
            discard(made)
        raise
    read = reader.report
    if arguments.json:
        terminal.json({"index": path, "added": added, "total": total, **asdict(read)})
        return FOUND if added else NOTHING
    told = f"{counted(added, 'article')} of {counted(read.files, 'file')} read; {total:,} in {path}"
    if read.skipped_count:
        told += f" ({counted(read.skipped_count, 'thing')} could not be read)"
    if read.ignored:
        told += f" ({counted(read.ignored, 'other file')} passed over)"
    if read.converted:
        encodings = ", ".join(sorted({encoding for encoding, _ in read.converted.values()}))
        told += f" ({counted(len(read.converted), 'file')} converted from {encodings})"
    if read.textless:
        told += f" ({read.textless:,} with neither title nor body)"
    terminal.write(told)
    return FOUND if added else NOTHING


def search(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Find articles."""
    query = " ".join(arguments.query)
    with _opened(arguments, terminal) as opened:
        results = opened.search(
            query,
            limit=arguments.limit,
            offset=arguments.offset,
            fields=None if arguments.fields is None else arguments.fields.replace(",", " ").split(),
            where=arguments.where,
            sort=arguments.sort,
            facets=arguments.facet,
            highlight="text" if arguments.json else terminal.highlight,
            operator="and" if arguments.all else "or",
            strict=arguments.strict,
            understand=arguments.understand,
        )
        if arguments.json:
            page: dict[str, object] = {
                "query": results.query,
                "total": results.total,
                "took": results.took,
                "did_you_mean": results.did_you_mean,
                "hits": [
                    {
                        "rank": hit.rank,
                        "id": hit.id,
                        "score": hit.score,
                        "title": hit.title,
                        "snippet": hit.snippet,
                        "fields": hit.fields,
                        **({"explanation": hit.explain().to_dict()} if arguments.explain else {}),
                    }
                    for hit in results
                ],
            }
            if arguments.facet:
                page["facets"] = results.facets
            terminal.json(page)
        else:
            views.write_results(terminal, results, explain=arguments.explain)
        return FOUND if results.total else NOTHING


def repl(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Search line by line."""
    from vnsearch.cli.repl import run

    with _opened(arguments, terminal) as opened:
        run(opened, terminal, plain=arguments.plain)
    return FOUND


def analyze(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show tokens and words."""
    from vnsearch.text import analyze as analyze_text

    text = standard_input().read() if arguments.text == ["-"] else " ".join(arguments.text)
    analysis = analyze_text(text)
    if arguments.json:
        terminal.json(analysis.to_dict())
    else:
        views.write_analysis(terminal, analysis)
    return FOUND if analysis.tokens else NOTHING


def stats(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Describe an index."""
    with _opened(arguments, terminal) as opened:
        values = opened.stats()
    if arguments.json:
        terminal.json(values)
    else:
        views.write_mapping(terminal, values)
    return FOUND


def verify(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Prove an index whole."""
    from vnsearch.codec.verify import verify as verify_index

    report = verify_index(arguments.index)
    if arguments.json:
        terminal.json({"whole": report.ok, **asdict(report)})
        return FOUND if report.ok else WRONG
    for problem in report.problems:
        terminal.write(str(problem))
    state = "whole" if report.ok else "broken"
    terminal.write(
        f"{report.path} is {state}: {counted(report.documents, 'article')} in "
        f"{counted(report.segments, 'segment')}, {report.bytes:,} bytes"
    )
    return FOUND if report.ok else WRONG


def repair(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Drop what is broken."""
    from vnsearch.codec.verify import repair as repair_index

    path = arguments.index
    done = repair_index(path)
    if arguments.json:
        terminal.json(asdict(done))
        return FOUND
    if not done.problems:
        terminal.write(f"{path} is whole: nothing to repair.")
        return FOUND
    for line in (*map(str, done.problems), *done.notes):
        terminal.write(line)
    for name in done.lost:
        terminal.write(f"lost: {name}")
    if done.segments:
        terminal.write(f"{counted(done.kept, 'article')} of broken segments saved")
    return FOUND


def delete(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Delete articles by id."""
    ids = arguments.ids
    if ids == ["-"]:
        ids = [line.rstrip("\r\n") for line in standard_input() if line.strip()]
    with _opened(arguments, terminal) as opened:
        deleted = opened.delete(ids, timeout=arguments.timeout)
    if arguments.json:
        terminal.json({"asked": len(ids), "deleted": deleted})
    else:
        terminal.write(f"{deleted:,} of {len(ids):,} deleted")
    return FOUND if deleted else NOTHING


def convert(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Copy a Whoosh index."""
    from vnsearch.whoosh.convert import convert_index

    path = arguments.index
    copied = convert_index(arguments.whoosh, path)
    if arguments.json:
        terminal.json({"index": path, "copied": copied})
    else:
        terminal.write(f"{counted(copied, 'article')} copied into {path}")
    return FOUND if copied else NOTHING


COMMANDS: dict[str, Callable[[argparse.Namespace, Terminal], int]] = {
    "index": index,
    "search": search,
    "repl": repl,
    "analyze": analyze,
    "stats": stats,
    "verify": verify,
    "repair": repair,
    "delete": delete,
    "convert": convert,
}


def _reader(arguments: argparse.Namespace, sources: list[str], terminal: Terminal) -> Reader:
    from vnsearch.articles import read_articles

    return read_articles(
        *sources,
        format=arguments.format,
        encoding=arguments.encoding,
        on_error=_on_error(arguments, terminal),
    )


def _on_error(
    arguments: argparse.Namespace, terminal: Terminal
) -> Literal["raise"] | Callable[[Exception], None]:
    return terminal.warn if arguments.skip_bad else "raise"


def _add(
    arguments: argparse.Namespace,
    index: Index,
    reader: Reader,
    terminal: Terminal,
    timeout: float = 0.0,
    workers: int | None = None,
) -> int:
    with terminal.progress(reader) as articles:
        added = index.add(
            articles,
            on_error=_on_error(arguments, terminal),
            timeout=timeout,
            workers=workers,
        )
    for name, (encoding, lost) in reader.report.converted.items():
        if lost:
            told = f"{name}: read as {encoding}, {lost:,} characters lost"
            terminal.warn(UnicodeWarning(told))
    return added


@contextmanager
def _opened(arguments: argparse.Namespace, terminal: Terminal) -> Iterator[Index]:
    """Open the index named, or make one of ``--articles`` for as long as the command runs."""
    from vnsearch.index import create_index, open_index

    sources = getattr(arguments, "articles", None)
    if not sources:
        try:
            opened = open_index(arguments.index)
        except IndexNotFoundError as error:
            hint = "make one with 'vnsearch index SOURCE...'"
            if hasattr(arguments, "articles"):
                hint += ", or search files with --articles"
            raise IndexNotFoundError(f"{error}; {hint}") from None
        with opened:
            yield opened
        return
    import tempfile

    with (
        _reader(arguments, sources, terminal) as reader,
        tempfile.TemporaryDirectory(prefix="vnsearch-") as folder,
        create_index(Path(folder) / "index") as temporary,
    ):
        _add(arguments, temporary, reader, terminal)
        yield temporary
