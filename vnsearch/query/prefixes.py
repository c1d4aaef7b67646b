"""What a half typed word was meant to begin: rows of keys decoded where the index knows no such
beginning."""

from __future__ import annotations

from vnsearch.query.statistics import Statistics
from vnsearch.text import canonical, fold_key
from vnsearch.text.keys import evidence_for_keys, read_beginning
from vnsearch.text.syllable import begins_like

__all__ = ["decoded_prefix"]


def decoded_prefix(row: str, stats: Statistics) -> str | None:
    """Return the canonical beginning that a row of Telex or VNI keys spells, None where it is none
    or rather begins words as it stands.

    Where the index has nothing that begins so, the row need only be as likely keys as among three
    words; where it has something, as among eight (`vnsearch.text.keys.typed_as_keys`).
    """
    for keys in read_beginning(row):
        meant = canonical(keys.text)
        held = [df for term, df in stats.with_prefix(fold_key(meant)) if begins_like(term, meant)]
        if not held:
            continue
        typed = _typed(row, stats)
        evidence = evidence_for_keys(keys, sum(held), typed)
        if evidence is not None and evidence[2 if typed else 1]:
            return meant
    return None


def _typed(row: str, stats: Statistics) -> float:
    """Return in how many documents, about, words begin with the row as it stands."""
    *before, last = canonical(row).split(" ")
    if not before:
        return sum([df for _, df in stats.with_prefix(fold_key(last))])
    if len(before) > 1:
        return 0
    return sum([one.together for one in stats.followers(before[0], last)])  # vang2 is two tokens
