"""Scores told as sentences, in English and Vietnamese; the parts add up to the score exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vnsearch.ranking.bm25 import idf
from vnsearch.ranking.plan import Clause, UnitClause
from vnsearch.ranking.search import Scored

__all__ = ["Explanation", "explain"]

_REASONS: Mapping[str, tuple[str, str]] = {
    "typed": ("as typed", "đúng như đã gõ"),
    "keys": ("read from Telex or VNI keys", "đọc từ phím Telex hoặc VNI"),
    "restored": ("marks restored", "khôi phục dấu"),
    "repaired": ("marks repaired", "sửa dấu"),
    "split": ("written apart", "viết rời"),
    "folded": ("any marks", "bất kể dấu"),
    "abbreviation": ("abbreviation", "viết tắt"),
    "joined": ("written as one", "viết liền"),
    "phrase": ("phrase", "cụm từ"),
    "expansion": ("any of its words", "một trong các từ"),
    "pair": ("adjacent syllables", "hai tiếng liền nhau"),
    "word": ("whole word", "trọn từ"),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number and where it comes from; ``parts`` add up to ``value`` in their order."""

    value: float
    text: str
    text_vi: str
    parts: tuple[Explanation, ...] = field(default=())

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
    for clause, value in zip(plan.clauses, scored.parts, strict=False):
        total += value
        if value:
            parts.append(_clause(scored, clause, value))
    for unit, value in zip(plan.units, scored.parts[len(plan.clauses) :], strict=True):
        total += value
        if value:
            parts.append(_unit(scored, unit, value))
    return Explanation(
        total,
        f"article {identifier!r} answers with {len(parts)} parts"
        if parts
        else f"article {identifier!r} matches; nothing in it adds to the score",
        f"bài {identifier!r} khớp {len(parts)} phần"
        if parts
        else f"bài {identifier!r} khớp; không phần nào cộng điểm",
        tuple(parts),
    )


def _clause(scored: Scored, clause: Clause, value: float) -> Explanation:
    run = scored.run
    df = run.df(clause)
    weight = clause.weight * clause.boost
    return _sentence(
        clause.label,
        clause.reason,
        value,
        weight,
        df,
        run.collection.doc_count,
        scored.frequencies(clause),
    )


def _unit(scored: Scored, unit: UnitClause, value: float) -> Explanation:
    run = scored.run
    return _sentence(
        unit.label,
        unit.reason,
        value,
        unit.weight,
        run.unit_df(unit),
        run.collection.doc_count,
        {},
    )


def _sentence(
    label: str,
    reason: str,
    value: float,
    weight: float,
    df: int,
    doc_count: int,
    where: Mapping[str, int],
) -> Explanation:
    english, vietnamese = _REASONS.get(reason, (reason, reason))
    places = ", ".join(f"{count} × {name}" for name, count in where.items())
    inside = f" ({places})" if places else ""
    rarity = idf(df, doc_count)
    saturation = value / (weight * rarity) if weight and rarity else 0.0
    return Explanation(
        value,
        f"“{label}”, {english}{inside}: weight {weight:.4g} × idf {rarity:.4f} "
        f"(in {df} of {doc_count} articles) × frequency {saturation:.4f}",
        f"“{label}”, {vietnamese}{inside}: trọng số {weight:.4g} × idf {rarity:.4f} "
        f"(có trong {df}/{doc_count} bài) × tần suất {saturation:.4f}",
    )
