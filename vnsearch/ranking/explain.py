"""Scores told as sentences, in English and Vietnamese; the parts add up to the score exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnsearch.ranking.bm25 import idf
from vnsearch.ranking.plan import Clause, Plan, UnitClause
from vnsearch.ranking.search import Scored
from vnsearch.record import NamedTuple, Record

__all__ = ["Explanation", "explain", "unmatched"]

_REASONS: Mapping[str, tuple[str, str]] = {
    "typed": ("as typed", "đúng như đã gõ"),
    "keys": ("read from Telex or VNI keys", "đọc từ phím Telex hoặc VNI"),
    "restored": ("marks restored", "khôi phục dấu"),
    "repaired": ("marks repaired", "sửa dấu"),
    "split": ("written apart", "viết rời"),
    "short": ("written in full", "viết đầy đủ"),
    "folded": ("any marks", "bất kể dấu"),
    "abbreviation": ("abbreviation or another spelling", "viết tắt hoặc viết cách khác"),
    "joined": ("written as one", "viết liền"),
    "phrase": ("phrase", "cụm từ"),
    "expansion": ("any of its words", "một trong các từ"),
    "pair": ("two syllables together", "hai tiếng đi cùng nhau"),
    "word": ("whole word", "trọn từ"),
}


class Explanation(Record, frozen=True):
    """A number and where it comes from; ``parts`` add up to ``value`` in their order."""

    value: float
    text: str
    text_vi: str
    parts: tuple[Explanation, ...] = ()

    def __str__(self) -> str:
        return self.render("en")

    def render(self, language: str = "en", indent: int = 0) -> str:
        """Return the explanation as indented lines, in English (``en``) or Vietnamese (``vi``)."""
        sentence = self.text_vi if language == "vi" else self.text
        lines = [f"{'  ' * indent}{self.value:.4f}  {sentence}"]
        lines += [part.render(language, indent + 1) for part in self.parts]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain JSON-able values."""
        return {
            "value": self.value,
            "text": self.text,
            "text_vi": self.text_vi,
            "parts": [part.to_dict() for part in self.parts],
        }


def explain(scored: Scored, identifier: str) -> Explanation:
    """Return the explanation of one document's score."""
    run = scored.run
    plan = run.plan
    parts: list[Explanation] = []
    total = 0.0
    values = list(zip(scored.parts, scored.beginnings, strict=True))
    for clause, (value, beginning) in zip(plan.clauses, values, strict=False):
        total += value
        if value:
            parts.append(_clause(scored, clause, value, beginning))
    for unit, (value, beginning) in zip(plan.units, values[len(plan.clauses) :], strict=True):
        total += value
        if value:
            parts.append(_unit(scored, unit, value, beginning))
    stretch = plan.stretched([total])[0] - total
    if stretch:
        total += stretch
        parts.append(_stretch(stretch, plan))
    return Explanation(
        total,
        f"article {identifier!r} answers with {len(parts)} part{'s' if len(parts) > 1 else ''}"
        if parts
        else f"article {identifier!r} matches; nothing in it adds to the score",
        f"bài {identifier!r} khớp {len(parts)} phần"
        if parts
        else f"bài {identifier!r} khớp; không phần nào cộng điểm",
        tuple(parts),
    )


def unmatched(identifier: str) -> Explanation:
    """Return the explanation of a document that a query does not find."""
    return Explanation(
        0.0, f"article {identifier!r} does not match", f"bài {identifier!r} không khớp"
    )


def _stretch(value: float, plan: Plan) -> Explanation:
    english, vietnamese = "read in all ways at once", "đọc theo mọi cách cùng lúc"
    if plan.read_as:
        english, vietnamese = f"read as “{plan.read_as}”", f"đọc là “{plan.read_as}”"
    return Explanation(
        value,
        f"{english}, with its places among other readings: all of it × {plan.factor:.4g}",
        f"{vietnamese}, có chỗ bên cạnh các cách đọc khác: tất cả × {plan.factor:.4g}",
    )


def _clause(scored: Scored, clause: Clause, value: float, beginning: float) -> Explanation:
    run = scored.run
    df, share = run.df(clause), run.share(clause)
    collection = run.collection
    return _sentence(
        clause.label,
        clause.reason,
        value,
        beginning,
        clause.weight * clause.boost,
        _Rarity(df, collection.doc_count, collection.idf(df, share), share),
        scored.frequencies(clause),
    )


def _unit(scored: Scored, unit: UnitClause, value: float, beginning: float) -> Explanation:
    run = scored.run
    overlap = run.parameters.pair_overlap if unit.kind == "pair" else 0.0
    df, doc_count = run.unit_df(unit), run.collection.doc_count
    rarity = _Rarity(
        df,
        doc_count,
        idf(df, doc_count),
        overlap=overlap,
        rarer=run.rarer_idf(unit) if overlap else 0.0,
    )
    return _sentence(unit.label, unit.reason, value, beginning, unit.weight, rarity, {})


class _Rarity(NamedTuple):
    """Where a part's ``idf`` comes from: the collection, and the ``share`` of Vietnamese texts that
    have it where that takes from it; of a pair's, ``overlap`` times its rarer syllable's is off."""

    df: int
    doc_count: int
    idf: float
    share: float = 0.0
    overlap: float = 0.0
    rarer: float = 0.0

    @property
    def value(self) -> float:
        return self.idf - self.overlap * self.rarer

    def sentence(self, found: str, elsewhere: str, rarer: str) -> str:
        """Return the idf with its reasons, which the three say in either language."""
        if self.idf < idf(self.df, self.doc_count):
            found = f"{found}, {elsewhere}"
        own = f"idf {self.idf:.4f} ({found})"
        if not self.overlap:
            return own
        return f"({own} − {self.overlap:.4g} × {self.rarer:.4f}, {rarer})"


def _sentence(
    label: str,
    reason: str,
    value: float,
    beginning: float,
    weight: float,
    rarity: _Rarity,
    where: Mapping[str, int],
) -> Explanation:
    english, vietnamese = _REASONS.get(reason, (reason, reason))
    places = ", ".join(f"{count} × {name}" for name, count in where.items())
    inside = f" ({places})" if places else ""
    df, doc_count = rarity.df, rarity.doc_count
    whole = weight * rarity.value
    saturation = (value - beginning) / whole if whole else 0.0
    counted, counted_vi = f"frequency {saturation:.4f}", f"tần suất {saturation:.4f}"
    if beginning and whole:
        lead = beginning / whole
        counted = f"({counted} + near the beginning {lead:.4f})"
        counted_vi = f"({counted_vi} + gần đầu bài {lead:.4f})"
    share = f"{100 * rarity.share:.0f} %"
    said = rarity.sentence(
        f"in {df} of {doc_count} articles",
        f"and {share} of Vietnamese texts",
        "that of its rarer syllable",
    )
    said_vi = rarity.sentence(
        f"có trong {df}/{doc_count} bài", f"và {share} văn bản tiếng Việt", "của tiếng hiếm hơn"
    )
    return Explanation(
        value,
        f"“{label}”, {english}{inside}: weight {weight:.4g} × {said} × {counted}",
        f"“{label}”, {vietnamese}{inside}: trọng số {weight:.4g} × {said_vi} × {counted_vi}",
    )
