"""The index on disk: flat arrays in memory-mapped files, safe to open and durable.

`Store` is an index directory, `Snapshot` one generation of it, `Segment` the immutable part of a
generation, `Writer` the one that makes the next; `vnsearch.codec.verify` proves and mends. The
format is described in ``docs/FORMAT.md``.
"""

from __future__ import annotations

from vnsearch.codec.segment import KeywordField, NumericColumn, PairTable, Segment, TextField
from vnsearch.codec.store import Snapshot, Store, create, discard, exists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from vnsearch.codec.writer import Writer

__all__ = [
    "KeywordField",
    "NumericColumn",
    "PairTable",
    "Segment",
    "Snapshot",
    "Store",
    "TextField",
    "Writer",
    "create",
    "discard",
    "exists",
]


def __getattr__(name: str) -> Any:
    """Import the writer when it is first asked for: who only searches does without."""
    if name == "Writer":
        from vnsearch.codec.writer import Writer

        return Writer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
