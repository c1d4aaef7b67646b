"""The kernels as this machine runs them, and the same files interpreted."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

KERNELS = Path(__file__).parent.parent / "vnsearch" / "kernels"


def interpreted(name: str) -> ModuleType:
    """Return a kernel run by the interpreter, whether or not it is compiled.

    Kernels that it imports are interpreted too.
    """
    qualified = f"vnsearch.kernels.{name}"
    kept = {
        key: module for key, module in sys.modules.items() if key.startswith("vnsearch.kernels.")
    }
    try:
        for key in kept:
            del sys.modules[key]
        sys.path_hooks.insert(0, _source_hook)
        sys.path_importer_cache.pop(str(KERNELS), None)
        return importlib.import_module(qualified)
    finally:
        sys.path_hooks.remove(_source_hook)
        sys.path_importer_cache.pop(str(KERNELS), None)
        package = sys.modules["vnsearch.kernels"]
        for key in [key for key in sys.modules if key.startswith("vnsearch.kernels.")]:
            del sys.modules[key]
            vars(package).pop(key.rpartition(".")[2], None)
        sys.modules.update(kept)
        for key, module in kept.items():
            setattr(package, key.rpartition(".")[2], module)


def merged(*kernels: ModuleType) -> ModuleType:
    """Return all that some kernels define, in one place."""
    together = ModuleType("kernels")
    for kernel in kernels:
        vars(together).update(vars(kernel))
    return together


def _source_hook(path: str) -> importlib.machinery.FileFinder:
    if Path(path) != KERNELS:
        raise ImportError(path)
    return importlib.machinery.FileFinder(path, (importlib.machinery.SourceFileLoader, [".py"]))
