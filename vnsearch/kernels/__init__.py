"""The compiled layer: small loops over arrays, each held to an obvious reference by the tests.

Every kernel is an ordinary Python file with Cython annotations. Where there was a C compiler at
install time it is an extension module; where there was none the same file is interpreted, with
the same results, much slower. That is said once per process through the ``vnsearch`` logger (not
as a Python warning, which a caller's ``-W error`` would turn into a failed import).
"""

import os
from importlib.machinery import EXTENSION_SUFFIXES

__all__ = ["interpreted"]


def interpreted() -> list[str]:
    """Return the names of the kernels that have no compiled form, in alphabetical order."""
    files = {name for folder in __path__ for name in os.listdir(folder)}
    names = sorted(name[:-3] for name in files if name.endswith(".py") and name != "__init__.py")
    return [
        name for name in names if not any(name + suffix in files for suffix in EXTENSION_SUFFIXES)
    ]


if _missing := interpreted():
    import logging

    logging.getLogger("vnsearch").warning(
        "vnsearch is running without its compiled kernels (%s): results are the same, speed is "
        "not. Install a C compiler and reinstall: pip install --force-reinstall --no-deps vnsearch",
        ", ".join(_missing),
    )
