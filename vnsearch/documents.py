"""Stored documents as they are shown: fetched once, and those shown last kept ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from vnsearch.codec.segment import Segment, StoredDocument
from vnsearch.recent import Recent
from vnsearch.snippets import Reading, StoredText, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from vnsearch.text import Vocabulary

__all__ = ["Document", "Documents"]

KEPT = 32 << 20
"""Bytes that documents kept ready may take, about."""

# What a stored byte of a document takes when it is decoded and its texts are tokenised (news: 5.4).
_GROWTH = 5


class Document:
    """A document's fields, and its texts as snippets need them. Shared: it must not be changed."""

    _is_shown = False
    _is_whole = False

    def __init__(self, stored: StoredDocument) -> None:
        self._stored = stored
        self._texts: dict[str, Text | StoredText | None] = {}
        self.readings: dict[tuple[str, Vocabulary], Reading] = {}
        """What `reading` returned."""

    @property
    def fields(self) -> Mapping[str, Any]:
        """All fields, decoded."""
        return self._stored.whole()

    def get(self, name: str) -> Any:
        """Return one field, None where the document has none of the name."""
        stored = self._stored
        return stored.text(name) if name in stored.texts else stored.fields.get(name)

    def reading(self, key: tuple[str, Vocabulary]) -> Reading | None:
        """Return the text of a field to be shown, read as one piece by a vocabulary's terms.

        None if it is not `Text.is_ready`, and at first: then it is shown by its outline, for which
        no more is read than what is shown. A document shown again is read as a whole, once, for the
        times to come.
        """
        name, vocabulary = key
        if not self._is_whole:
            if self._is_shown:
                self._is_whole = True
                self._texts = {}
            self._is_shown = True
        text = self.text(name)
        if not isinstance(text, Text) or not text.is_ready:
            return None
        reading = text.reading(vocabulary)
        self.readings = {key: reading}
        return reading

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
    """The documents shown last; threads may share it."""

    def __init__(self, limit: int = KEPT) -> None:
        self._kept = Recent(limit)

    def get(
        self, keys: Sequence[tuple[str, int]], segments: Mapping[str, Segment]
    ) -> list[Document]:
        """Return documents, each given as the id of its segment and its number there.

        Those not kept are decompressed all together, then decoded: each step finds the
        processor's caches full of the step before, rather than of another one.
        """
        found: list[Document] = self._kept.get(keys)
        if None in found:
            places = [place for place, one in enumerate(found) if one is None]
            asked = [(segments[keys[place][0]], keys[place][1]) for place in places]
            stored = [segment.stored_fields.document(doc) for segment, doc in asked]
            for place, (segment, doc), data in zip(places, asked, stored, strict=True):
                document = found[place] = Document(segment.parse_stored(doc, data))
                self._kept.keep(keys[place], document, _GROWTH * len(data))
        return found


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
