"""Whoosh's face of the library: see docs/WHOOSH.md."""

from vnsearch.whoosh.codec import VnCodec
from vnsearch.whoosh.index import StoreIndex, whoosh_index

__all__ = ["StoreIndex", "VnCodec", "whoosh_index"]
