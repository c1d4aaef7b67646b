"""Stored documents as they are shown: fetched once, and those shown last kept ready."""

from __future__ import annotations

import os
from _thread import allocate_lock  # (threading takes a millisecond to import)
from collections.abc import Mapping, Sequence
from functools import partial

from vnsearch.codec.segment import Segment, StoredDocument
from vnsearch.snippets import StoredText, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Document", "Documents"]

KEPT = 32 << 20
"""Bytes that documents kept ready may take, about."""

# What a stored byte of a document takes when it is decoded and its texts are tokenised (news: 5.4).
_GROWTH = 5

_lock = allocate_lock()


def _unlock() -> None:
    """Take a new lock in a forked process: a thread that is not there may have held the other."""
    global _lock
    _lock = allocate_lock()


if os.name == "posix":
    os.register_at_fork(after_in_child=_unlock)


class Document:
    """A document's fields, and its texts as snippets need them. Shared: it must not be changed."""

    _is_shown = False
    _is_whole = False

    def __init__(self, stored: StoredDocument) -> None:
        self._stored = stored
        self._texts: dict[str, Text | StoredText | None] = {}

    @property
    def fields(self) -> Mapping[str, Any]:
        """All fields, decoded."""
        return self._stored.whole()

    def get(self, name: str) -> Any:
        """Return one field, None where the document has none of the name."""
        stored = self._stored
        return stored.text(name) if name in stored.texts else stored.fields.get(name)

    def show(self) -> None:
        """Tell that snippets of it are made: at first by its outline, which reads no more than is
        shown; what is shown again is read as a whole, once, for the times to come."""
        if not self._is_shown:
            self._is_shown = True
        elif not self._is_whole:
            self._is_whole = True
            self._texts = {}

    def text(self, name: str) -> Text | StoredText | None:
        """Return a field's text, the values of one with several as lines; None if it is empty."""
        try:
            return self._texts[name]
        except KeyError:
            made = self._texts[name] = self._text(name)
            return made

    def _text(self, name: str) -> Text | StoredText | None:
        data = self._stored.texts.get(name)
        if data and not self._is_whole:
            outline = self._stored.outline(name)
            if outline is not None:
                return StoredText(data, outline, partial(self._stored.text, name))
        text = joined(self.get(name))
        return Text(text) if text else None

    def copy(self) -> dict[str, Any]:
        """Return the fields for whoever may change them."""
        return {name: _copied(value) for name, value in self.fields.items()}


class Documents:
    """The documents shown last, by segment and number; threads may share it."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._kept: dict[tuple[str, int], tuple[Document, int]] = {}  # the one used last at the end
        self._size = 0

    def get(self, wanted: Sequence[tuple[Segment, int]]) -> list[Document]:
        """Return documents of segments, each by its number there.

        Those not kept are decompressed all together, then decoded: each step finds the
        processor's caches full of the step before, rather than of another one.
        """
        found: list[Any] = []
        missing: list[int] = []
        kept = self._kept
        with _lock:
            for place, (segment, doc) in enumerate(wanted):
                key = segment.id, doc
                one = kept.pop(key, None)
                if one is None:
                    missing.append(place)
                    found.append(None)
                else:
                    kept[key] = one  # the one used last
                    found.append(one[0])
        if missing:
            asked = [wanted[place] for place in missing]
            stored = [segment.stored_fields.document(doc) for segment, doc in asked]
            read = [
                Document(segment.parse_stored(doc, data))
                for (segment, doc), data in zip(asked, stored, strict=True)
            ]
            for place, document, data in zip(missing, read, stored, strict=True):
                segment, doc = wanted[place]
                found[place] = document
                self._keep((segment.id, doc), document, _GROWTH * len(data))
        return found

    def _keep(self, key: tuple[str, int], document: Document, size: int) -> None:
        if size > self._limit // 8:  # rather than all the others
            return
        with _lock:
            if key not in self._kept:
                self._kept[key] = document, size
                self._size += size
                while self._size > self._limit:
                    self._size -= self._kept.pop(next(iter(self._kept)))[1]


def joined(value: Any) -> str:
    """Return a text field's value as one text, the values of one with several as lines."""
    if isinstance(value, str):
        return value
    return "\n".join(value) if isinstance(value, list | tuple) else ""


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_copied(one) for one in value]
    return value
