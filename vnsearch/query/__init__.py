"""From the text a person typed to what the index is asked: parse, understand, suggest."""

from vnsearch.query.parse import parse

__all__ = ["parse"]
