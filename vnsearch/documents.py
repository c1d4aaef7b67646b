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

    def show(self, name: str) -> Text | StoredText | None:
        """Return a text, to be shown: at first with its outline, by which no more is read than what
        is shown; one shown again is read as a whole, once, for the times to come."""
        if not self._is_whole:
            if self._is_shown:
                self._is_whole = True
                self._texts = {}
            self._is_shown = True
        return self.text(name)

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
        keys = [(segment.id, doc) for segment, doc in wanted]
        kept = self._kept
        with _lock:
            known = {key: kept.pop(key) for key in keys if key in kept}
            kept.update(known)  # the ones used last
        if len(known) < len(keys):
            asked = {key: one for key, one in zip(keys, wanted, strict=True) if key not in known}
            stored = [segment.stored_fields.document(doc) for segment, doc in asked.values()]
            read = [
                (Document(segment.parse_stored(doc, data)), _GROWTH * len(data))
                for (segment, doc), data in zip(asked.values(), stored, strict=True)
            ]
            fresh = dict(zip(asked, read, strict=True))
            self._keep(fresh)
            known.update(fresh)
        return [known[key][0] for key in keys]

    def _keep(self, fresh: Mapping[tuple[str, int], tuple[Document, int]]) -> None:
        kept = self._kept
        with _lock:
            for key, one in fresh.items():
                # rather a huge one is not kept than all the others
                if one[1] <= self._limit // 8 and key not in kept:
                    kept[key] = one
                    self._size += one[1]
            while self._size > self._limit:
                self._size -= kept.pop(next(iter(kept)))[1]


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
