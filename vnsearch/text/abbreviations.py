"""Abbreviations and what they stand for, in both directions.

The table ``data/abbreviations.tsv`` is package data meant to be read and edited; its head says
how a row looks. A reader who types ``UBND TP.HCM`` means the articles that print *Ủy ban nhân dân
thành phố Hồ Chí Minh*, and the other way round.

Everything is matched in canonical tokens (`vnsearch.text.syllables`), so case, dots and tone
placement do not matter: ``Tp. HCM`` is ``("tp", "hcm")``.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

from vnsearch.errors import SourceFormatError, SourceNotFoundError
from vnsearch.record import NamedTuple
from vnsearch.text.analyzer import fold_key
from vnsearch.text.syllable import base, is_syllable

__all__ = ["Abbreviations", "Match", "builtin_abbreviations"]

Form = tuple[str, ...]
"""A spelling as canonical tokens: ``("tp", "hcm")``."""

Source = str | os.PathLike[str] | Mapping[str, str | Iterable[str]]


class Match(NamedTuple):
    """Tokens ``start`` to ``stop`` (exclusive) that can also be written otherwise.

    ``alternatives`` are the other spellings as canonical tokens, the likeliest first.
    """

    start: int
    stop: int
    alternatives: list[Form]


class Abbreviations:
    """A table of abbreviations: the built-in one, and what the caller adds.

    ``source`` is a file in the format of ``abbreviations.tsv``, or a mapping from abbreviation
    to meaning (or meanings, taken as equally likely). A weight of 0 takes a row out again.

    >>> table = Abbreviations({"VNS": "Việt Nam Search"})
    >>> table.expand(["ubnd", "xã"])[0].alternatives
    [('ủy', 'ban', 'nhân', 'dân'), ('ủy', 'ban', 'nd')]
    """

    def __init__(self, source: Source | None = None, *, builtin: bool = True) -> None:
        # Forms are joined by spaces here, so that the built-in table is read as it is kept.
        # meaning -> abbreviation -> weight, and back.
        self._meanings: dict[str, dict[str, float]] = {}
        self._abbreviations: dict[str, dict[str, float]] = {}
        # first token -> second one, if any -> the lengths of the forms that begin so, falling
        self._lengths: dict[str, dict[str, list[int]]] = {}
        # first token -> the meanings that begin with it
        self._begun: dict[str, list[str]] = {}
        # the fold keys of the first two tokens of a meaning, or another spelling in syllables ->
        # those of all, longest first -> the forms
        self._unmarked: dict[str, dict[str, list[str]]] = {}
        self.revision = 0
        """Grows with every row: what was found out before may have changed."""
        if builtin:
            self._load_builtin()
        if source is not None:
            self.load(source)

    def __len__(self) -> int:
        return sum(map(len, self._abbreviations.values()))

    def load(self, source: Source) -> None:
        """Add the rows of a file or a mapping.

        Raises SourceNotFoundError when the file cannot be read and SourceFormatError, naming the
        line, when a row cannot be used; then nothing of the source has been added.
        """
        if isinstance(source, Mapping):
            rows = list(_mapping_rows(source))
        else:
            try:
                with open(os.fspath(source), encoding="utf-8-sig") as file:
                    text = file.read()
            except OSError as error:
                raise SourceNotFoundError(f"cannot read {source}: {error.strerror}") from error
            except UnicodeDecodeError as error:
                raise SourceFormatError(f"{source} is not UTF-8: {error}") from error
            rows = list(_parse(text, str(source)))
        for row in rows:
            self._link(*row)

    def _load_builtin(self) -> None:
        """Load the built-in table into an empty one: as prepared, unless it was edited since."""
        table = _read(_TABLE).replace(b"\r\n", b"\n")
        prepared = json.loads(_read(_PREPARED)) if os.path.exists(_PREPARED) else {}
        if prepared.get("crc32") == zlib.crc32(table):
            self._meanings = prepared["meanings"]
            self._abbreviations = prepared["abbreviations"]
            self._lengths = prepared["lengths"]
            self._begun = prepared["begun"]
            self._unmarked = prepared["unmarked"]
        else:
            for row in _parse(table.decode("utf-8"), _TABLE):
                self._link(*row)

    def add(self, abbreviation: str, meaning: str, weight: float = 1.0) -> None:
        """Add one row; ``weight`` (0..1) is how often the abbreviation means this.

        Raises SourceFormatError when the row cannot be used.
        """
        for row in _forms(abbreviation, meaning, weight, "add()"):
            self._link(*row)

    def _link(self, abbreviation: Form, meaning: Form, weight: float) -> None:
        self.revision += 1
        short, long = " ".join(abbreviation), " ".join(meaning)
        if weight:
            self._abbreviations.setdefault(short, {})[long] = weight
            if long not in self._meanings:
                self._meanings[long] = {}
                self._begun.setdefault(meaning[0], []).append(long)
                self._find_by_folds(meaning)
            self._meanings[long][short] = weight
            if not short.isascii() and all(map(is_syllable, abbreviation)):  # Đắc Lắc
                self._find_by_folds(abbreviation)
        else:
            self._abbreviations.get(short, {}).pop(long, None)
            self._meanings.get(long, {}).pop(short, None)
        for form in (abbreviation, meaning):
            beginnings = self._lengths.setdefault(form[0], {})
            lengths = beginnings.setdefault(form[1] if form[1:] else "", [])
            if len(form) not in lengths:
                lengths.append(len(form))
                lengths.sort(reverse=True)

    def _find_by_folds(self, form: Form) -> None:
        if len(form) < 2:
            return
        folds, joined = list(map(fold_key, form)), " ".join(form)
        alike = self._unmarked.setdefault(" ".join(folds[:2]), {})
        forms = alike.setdefault(" ".join(folds), [])
        if joined not in forms:
            forms.append(joined)
        longest_first = sorted(alike.items(), key=lambda item: -item[0].count(" "))
        self._unmarked[" ".join(folds[:2])] = dict(longest_first)

    def alternatives(self, tokens: Sequence[str], least: float = 0.0) -> dict[Form, float]:
        """Return the other spellings of exactly these tokens with their weights (0..1).

        The weight is that of the row; for a second abbreviation of the same meaning (``tphcm``
        for ``tp hcm``) the product of both. Those under ``least`` are left out.
        """
        form = " ".join(tokens)
        found = dict(self._meanings.get(form, {}))
        for meaning, weight in self._abbreviations.get(form, {}).items():
            found[meaning] = max(weight, found.get(meaning, 0.0))
            for other, also in self._meanings[meaning].items():
                if other != form:
                    found[other] = max(weight * also, found.get(other, 0.0))
        if not found:
            return {}
        ranked = sorted(
            [
                (-weight, -len(other), other)
                for other, weight in zip(map(_form, found), found.values(), strict=True)
                if weight >= least
            ]
        )
        return {other: -weight for weight, _, other in ranked}

    def begins(self, token: str) -> bool:
        """Whether a meaning begins with a token."""
        return token in self._begun

    def meanings(self, *tokens: str) -> list[Form]:
        """Return the meanings that begin with these tokens, set phrases all of them, sorted."""
        meanings = self._begun.get(tokens[0])
        if meanings is None:
            return []
        begun = " ".join(tokens) + " "
        return sorted([_form(one) for one in meanings if one.startswith(begun)])

    def is_ambiguous(self, tokens: Sequence[str]) -> bool:
        """Whether the tokens are an abbreviation that often means something else as well."""
        meanings = self._abbreviations.get(" ".join(tokens), {})
        return bool(meanings) and (len(meanings) > 1 or min(meanings.values()) < 1)

    def expand(self, tokens: Sequence[str], least: float = 0.0) -> list[Match]:
        """Find the abbreviations and meanings among canonical tokens.

        The longest match counts where several start, and none overlap: in ``ubnd tp hcm`` the
        matches are ``ubnd`` and ``tp hcm``. Alternatives under the weight ``least`` are left out.
        """
        return [Match(start, stop, list(found)) for start, stop, found in self.find(tokens, least)]

    def find(
        self, tokens: Sequence[str], least: float = 0.0
    ) -> list[tuple[int, int, dict[Form, float]]]:
        """Return the matches of `expand` as (start, stop, what `alternatives` says of them)."""
        matches: list[tuple[int, int, dict[Form, float]]] = []
        row = tuple(tokens)
        done = 0
        for start, token in enumerate(row):
            beginnings = self._lengths.get(token)
            if beginnings is None or start < done:
                continue
            longer = beginnings.get(row[start + 1], ()) if start + 1 < len(row) else ()
            alone = beginnings.get("", ())
            if not longer and not alone:
                continue  # as nearly always
            for length in (*longer, *alone):
                form = row[start : start + length]
                found = self.alternatives(form, least) if len(form) == length else {}
                if found:
                    done = start + length
                    matches.append((start, done, found))
                    break
        return matches

    def find_unmarked(self, folds: Sequence[str]) -> list[tuple[int, int, list[Form]]]:
        """Find meanings of several tokens, and other spellings in syllables, among fold keys:
        (start, stop, those with these keys).

        The longest match counts where several start, and none overlap.
        """
        found: list[tuple[int, int, list[Form]]] = []
        done = 0
        for start, beginning in enumerate([f"{a} {b}" for a, b in pairwise(folds)]):
            alike = self._unmarked.get(beginning)
            if alike is None or start < done:
                continue  # as nearly always
            for row, meanings in alike.items():
                stop = start + row.count(" ") + 1
                if row == beginning or row == " ".join(folds[start:stop]):
                    done = stop
                    found.append((start, stop, list(map(_form, meanings))))
                    break
        return found


Row = tuple[Form, Form, float]


def _form(joined: str) -> Form:
    return tuple(joined.split(" "))


def _forms(abbreviations: str, meaning: str, weight: float, where: str) -> Iterator[Row]:
    """Turn the cells of one row into token forms, one per spelling of the abbreviation."""
    from vnsearch.text import syllables  # that package re-exports this module

    if not 0 <= weight <= 1:
        raise SourceFormatError(f"{where}: the weight must be between 0 and 1, not {weight:g}")
    target = tuple(syllables(meaning))
    for abbreviation in abbreviations.split("|"):
        form = tuple(syllables(abbreviation))
        if not form or not target:
            raise SourceFormatError(f"{where}: an abbreviation and its meaning are both needed")
        if form == target:
            raise SourceFormatError(f"{where}: {abbreviation.strip()!r} stands for itself")
        yield form, target, weight
        # HĐND is typed (and in unmarked text printed) HDND as well; two letters are too few.
        plain = tuple(map(base, form))
        if plain != form and len(form) == 1 and len(form[0]) > 2:
            yield plain, target, weight


def _parse(text: str, name: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        where = f"{name}, line {number}"
        cells = [cell.strip() for cell in line.split("\t")]
        if not 2 <= len(cells) <= 3:
            raise SourceFormatError(
                f"{where}: expected abbreviation, TAB, meaning and perhaps TAB, weight; "
                f"found {len(cells)} cell{'s' if len(cells) > 1 else ''}"
            )
        try:
            weight = float(cells[2]) if cells[2:] else 1.0
        except ValueError:
            raise SourceFormatError(f"{where}: {cells[2]!r} is not a weight (0..1)") from None
        yield from _forms(cells[0], cells[1], weight, where)


def _mapping_rows(source: Mapping[str, str | Iterable[str]]) -> Iterator[Row]:
    for abbreviation, meanings in source.items():
        several = [meanings] if isinstance(meanings, str) else list(meanings)
        for meaning in several:
            yield from _forms(abbreviation, meaning, 1 / len(several), repr(abbreviation))


_DATA = os.path.join(os.path.dirname(__file__), "data")
_TABLE = os.path.join(_DATA, "abbreviations.tsv")
# What `Abbreviations` makes of it, which takes longer than a search does.
_PREPARED = os.path.join(_DATA, "abbreviations.json")


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def prepare() -> str:
    """Return what the prepared table should hold; ``python -m vnsearch.text.abbreviations``."""
    table = _read(_TABLE).replace(b"\r\n", b"\n")
    made = Abbreviations(builtin=False)
    for row in _parse(table.decode("utf-8"), _TABLE):
        made._link(*row)
    parts = [f'"crc32": {zlib.crc32(table)}']
    for name in ("meanings", "abbreviations", "lengths", "begun", "unmarked"):
        part: dict[str, object] = getattr(made, "_" + name)
        rows = [
            json.dumps(key, ensure_ascii=False) + ": " + json.dumps(value, ensure_ascii=False)
            for key, value in part.items()
        ]
        parts.append(f'"{name}": {{\n' + ",\n".join(rows) + "\n}")
    return "{" + ",\n".join(parts) + "}\n"


@cache
def builtin_abbreviations() -> Abbreviations:
    """Return the built-in table, read once; make an `Abbreviations` of your own to add to it."""
    return Abbreviations()


if __name__ == "__main__":
    with open(_PREPARED, "w", encoding="utf-8", newline="\n") as file:
        file.write(prepare())
