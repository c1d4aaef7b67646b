"""Whoosh's face of the library: see docs/WHOOSH.md."""

from vnsearch.whoosh.codec import VnCodec

__all__ = ["VnCodec"]
