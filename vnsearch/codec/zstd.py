"""The compression of stored documents: Python's own module from 3.14 on, the same from PyPI before.

Who reads or writes stored documents imports it; finding them needs it not.
"""

from __future__ import annotations

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["zstd"]
