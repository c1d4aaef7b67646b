"""Build the compiled layer; metadata lives in setup.cfg.

Each kernel is an ordinary ``.py`` file. Where there is a C compiler it becomes an extension
module; where there is none the extension is skipped and the same file runs interpreted.
"""

from pathlib import Path

from setuptools import Extension, setup

try:
    from Cython.Build import cythonize
except ImportError:  # a build without isolation and without Cython: interpreted kernels
    extensions = []
else:
    kernels = [
        Extension(
            "vnsearch.kernels." + path.stem,
            [path.as_posix()],
            extra_compile_args=["-O3"],
            optional=True,
        )
        for path in sorted(Path("vnsearch/kernels").glob("*.py"))
        if path.stem != "__init__"
    ]
    extensions = cythonize(kernels, language_level=3) if kernels else []

setup(ext_modules=extensions)
