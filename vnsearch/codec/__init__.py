"""The index on disk: flat arrays in memory-mapped files, safe to open and durable.

`Store` is an index directory, `Snapshot` one generation of it, `Segment` the immutable part of a
generation, `Writer` the one that makes the next. The format is described in ``docs/FORMAT.md``.
"""

from vnsearch.codec.segment import KeywordField, NumericColumn, PairTable, Segment, TextField
from vnsearch.codec.store import Snapshot, Store, create, exists
from vnsearch.codec.verify import Problem, Repair, Report, repair, verify
from vnsearch.codec.writer import Writer

__all__ = [
    "KeywordField",
    "NumericColumn",
    "PairTable",
    "Problem",
    "Repair",
    "Report",
    "Segment",
    "Snapshot",
    "Store",
    "TextField",
    "Writer",
    "create",
    "exists",
    "repair",
    "verify",
]
