"""Engines that answer the same queries in turns: options, building, timing, and the tables."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from _common import Corpus, Query, Table, interleave, percentile, speed_ratio
from _engines import ENGINES, OURS, Engine, UnavailableError

Medians = Mapping[str, Mapping[str, Sequence[float]]]
"""Engine -> class of query -> the median seconds of each query."""


def add_race_options(options: argparse.ArgumentParser) -> None:
    """Add the options of a race (besides those of `add_engine_options`)."""
    options.add_argument("--queries", type=int, default=200, help="queries of each class")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument(
        "--budget", type=float, default=10.0, help="seconds for one engine in one class, about"
    )
    options.add_argument("--seed", type=int, default=1)


def build_all(
    names: Sequence[str], corpus: Corpus, few: int, folder: Path, stored: bool = False
) -> dict[str, Engine | str]:
    """Index the corpus with each engine; an engine that cannot is given as the reason.

    Engines that index slowly get the first ``few`` documents, and their key says so.
    """
    built: dict[str, Engine | str] = {}
    for name in names:
        engine = ENGINES[name](folder / str(len(built)), stored)
        engine.folder.mkdir()
        part = corpus.head(few) if engine.slow and few < len(corpus) else corpus
        print(f"indexing {len(part):,} articles: {name}", file=sys.stderr)
        try:
            engine.build(part)
        except UnavailableError as reason:
            built[name] = str(reason)
        else:
            built[name if part is corpus else f"{name} (first {few:,})"] = engine
    return built


def race(
    engines: Mapping[str, Engine | str],
    queries: Mapping[str, Sequence[Query]],
    call: Callable[[Engine, Query], float],
    rounds: int,
    budget: float,
) -> dict[str, dict[str, list[float]]]:
    """Time ``call`` for each engine on each query that it can answer (see `interleave`)."""
    medians: dict[str, dict[str, list[float]]] = {name: {} for name in engines}
    for kind, asked in queries.items():
        print(f"asking {len(asked)} queries: {kind}", file=sys.stderr)
        calls = {
            name: partial(call, engine)
            for name, engine in engines.items()
            if isinstance(engine, Engine) and asked and asked[0].kind in engine.kinds
        }
        for name, seconds in interleave(calls, asked, rounds, budget).items():
            medians[name][kind] = seconds
    return medians


def race_tables(
    engines: Mapping[str, Engine | str],
    medians: Medians,
    classes: Sequence[str],
    suffix: str = "",
    ours: Sequence[str] = (OURS,),
) -> list[Table]:
    """Return the latencies, and our speed against each rival on the queries both answered.

    There is a table of ratios for each name of ``ours`` that was in the race.
    """
    latency = Table(f"p50 / p99, milliseconds{suffix}", ["engine", *classes])
    for name, engine in engines.items():
        if isinstance(engine, str):
            latency.add(name, *[engine] * len(classes))
            continue
        rows = [medians[name].get(kind) for kind in classes]
        latency.add(name, *[spread(row) if row else None for row in rows])
    tables = [latency]
    for one in ours:
        if one not in medians:
            continue
        title = f"Answers of {one} in the time of one of theirs{suffix}"
        ratios = Table(title, ["engine", *classes])
        for name, engine in engines.items():
            if isinstance(engine, str):
                ratios.add(name, *[engine] * len(classes))
                continue
            ratios.add(
                name,
                *[
                    speed_ratio(medians[one][kind], row)
                    if (row := medians[name].get(kind)) and medians[one].get(kind)
                    else None
                    for kind in classes
                ],
            )
        tables.append(ratios)
    return tables


def spread(seconds: Sequence[float]) -> str:
    """Write p50 / p99 in milliseconds."""
    return " / ".join(f"{percentile(seconds, percent) * 1000:.3g}" for percent in (50, 99))
