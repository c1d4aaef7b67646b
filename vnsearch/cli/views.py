"""What the terminal shows of results, articles and analyses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vnsearch.cli.terminal import Terminal, clean, counted
from vnsearch.schema import EXTRA_FIELD

if TYPE_CHECKING:
    from vnsearch.results import Hit, Results
    from vnsearch.text import Analysis

__all__ = [
    "write_analysis",
    "write_article",
    "write_explanation",
    "write_facets",
    "write_hit",
    "write_mapping",
    "write_results",
]

_IN_HEAD = ("id", "title", "body", "published")


def write_results(terminal: Terminal, results: Results, *, explain: bool = False) -> None:
    """Write a page of hits with the total before it."""
    if results.did_you_mean:
        terminal.write(terminal.style(f"Did you mean: {results.did_you_mean}", "warn"))
    if not results.total:
        terminal.write("Nothing found.")
        return
    told = f"{counted(results.total, 'article')} in {results.took * 1000:.1f} ms"
    terminal.write(terminal.style(told, "dim"))
    for hit in results:
        write_hit(terminal, hit)
        if explain:
            write_explanation(terminal, hit.explain())
    if results.facets:
        write_facets(terminal, results.facets)


def write_hit(terminal: Terminal, hit: Hit) -> None:
    """Write one hit: rank and title, where it is from, the snippet."""
    terminal.write()
    terminal.write(terminal.style(hit.title or hit.id, "title"), 5, f"{hit.rank:>3}. ")
    facts = [_day(hit.published), *(hit.fields.get(name) for name in ("source", "section"))]
    if hit.title:  # else the id stands in its place
        facts.append(hit.id)
    if any(facts):
        terminal.write(terminal.style(" · ".join(str(fact) for fact in facts if fact), "dim"), 5)
    if hit.snippet:
        terminal.write(hit.snippet if terminal.colour else clean(hit.snippet), 5)


def write_explanation(terminal: Terminal, explanation: object) -> None:
    """Write how a score came about."""
    for line in clean(str(explanation)).split("\n"):
        number = re.match(r"\s*\S+\s+", line)
        label = " " * 5 + (number[0] if number else "")
        terminal.write(line[len(label) - 5 :], len(label), label)


def write_facets(terminal: Terminal, facets: Mapping[str, Mapping[Any, int]]) -> None:
    """Write the values of each field with the number of articles that have them."""
    for field, counts in facets.items():
        if not counts:
            continue
        terminal.write()
        terminal.write(terminal.style(field, "bold"))
        for value, count in counts.items():
            terminal.write(f"{count:>7,}  {clean(str(value))}")


def write_article(terminal: Terminal, fields: Mapping[str, Any]) -> None:
    """Write a whole article: title, what is known of it, body."""
    terminal.write()
    terminal.write(terminal.style(str(fields.get("title") or fields.get("id")), "title"))
    known = {
        "id": fields.get("id"),
        "published": _day(fields.get("published")),
        **{name: value for name, value in fields.items() if name not in _IN_HEAD},
    }
    known.update(known.pop(EXTRA_FIELD, None) or {})
    for name, value in known.items():
        if value not in (None, "", [], {}):
            told = f"{name}: {_in_a_line(value)}"
            terminal.write(terminal.style(" ".join(told.split()), "dim"))
    terminal.write()
    terminal.write(clean(str(fields.get("body") or "")))


def write_analysis(terminal: Terminal, analysis: Analysis) -> None:
    """Write the words of a text, then each token with its span and the form it is known by."""
    words = " | ".join(word.text for word in analysis.words)
    terminal.write(terminal.style("words", "bold") + "  " + clean(words))
    terminal.write(terminal.style("tokens", "bold"))
    for token in analysis.tokens:
        written = " ".join(clean(analysis.text[token.start : token.end]).split())
        known = clean(token.text)
        terminal.write(
            f"{token.start:>6}-{token.end:<6} {'+' if token.joined else ' '} {known}"
            + ("" if written == known else f"   ({written})")
        )


def write_mapping(terminal: Terminal, values: Mapping[str, Any], indent: int = 0) -> None:
    """Write names and values, one a line."""
    for name, value in values.items():
        label = name.replace("_", " ")
        if isinstance(value, Mapping):
            terminal.write(terminal.style(label, "bold"), indent)
            write_mapping(terminal, value, indent + 2)
        else:
            shown = f"{value:,}" if isinstance(value, int | float) else clean(str(value))
            terminal.write(f"{label}: {shown}", indent)


def _in_a_line(value: object) -> str:
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return ", ".join(map(str, value))
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _day(published: object) -> str:
    if isinstance(published, datetime):
        if published.hour or published.minute:
            return f"{published:%d/%m/%Y %H:%M}"
        return f"{published:%d/%m/%Y}"
    return str(published) if published else ""
