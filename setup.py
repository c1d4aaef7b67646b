"""Build the compiled layer; metadata lives in setup.cfg.

Each kernel is an ordinary ``.py`` file. Where there is a C compiler it becomes an extension
module; where there is none the extension is skipped and the same file runs interpreted.
"""

import sys
from pathlib import Path
from typing import Any

from setuptools import Extension, setup

if sys.platform == "win32":
    FLAGS = ["/O2"]
else:  # a product and a sum stay two roundings, so that scores are the same on every machine
    FLAGS = ["-O3", "-g0", "-ffp-contract=off"]

options: dict[str, Any] = {}
try:
    from Cython.Distutils import build_ext
except ImportError:  # a build without isolation and without Cython: interpreted kernels
    pass
else:
    options["cmdclass"] = {"build_ext": build_ext}
    options["ext_modules"] = [
        Extension(
            "vnsearch.kernels." + path.stem,
            [path.as_posix()],
            extra_compile_args=FLAGS,
            optional=True,
        )
        for path in sorted(Path("vnsearch/kernels").glob("*.py"))
        if path.stem != "__init__"
    ]

setup(**options)
