"""pyvi's word model, read out of the files pyvi installs.

pyvi is not imported, nor scikit-learn (`crfsuite` reads the model). The weights are laid out flat
and kept in a cache file, so that the next process only reads arrays.
"""

from __future__ import annotations

import os
import sys
import zlib
from array import array
from collections.abc import Collection

from vnsearch.errors import WordModelError
from vnsearch.kernels.text import FORM_BITS, decode, features
from vnsearch.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

__all__ = ["WordModel", "build_model", "load_model", "pyvi_folder"]

# The mark of the ViTokenizer.py whose rules are written down here (pyvi 0.1.1).
_KNOWN_CODE = "6018-b13c7083"

# Attributes that name a syllable, in the order of a form's weights (two labels each) ...
_FORM_ATTRIBUTES = ("word.lower()", "-1:word.lower()", "+1:word.lower()")
# ... and those all syllables share, in the order of the kernel's `shared` weights.
_SHARED_ATTRIBUTES = (
    "word.isupper()",
    "word.istitle()",
    "word.isdigit()",
    "-1:word.istitle()",
    "-1:word.isupper()",
    "-1:word.bi_gram()",
    "-2:word.tri_gram()",
    "+1:word.istitle()",
    "+1:word.isupper()",
    "+1:word.bi_gram()",
    "+2:word.tri_gram()",
)
_LABELS = ["B_W", "I_W"]
# Form numbers take 16 bits, and all ones marks a free place of a table.
MAX_FORMS = (1 << FORM_BITS) - 2


class WordModel(NamedTuple):
    """pyvi's model as flat tables.

    ``forms`` maps a lower-cased syllable to its number (1 ..; 0 is any other). ``state`` holds
    eight float64 per form: the weights for labels 0 and 1 of the syllable itself (bias included),
    as the one before, as the one after, and two of padding. ``shared`` holds, for each attribute
    every syllable has, 0.0 twice and the weights for labels 0 and 1; then the four transitions.
    ``pairs`` and ``triples`` are hash sets of form numbers packed 16 bits each. ``inside`` is
    the number of the label ``I_W``.
    """

    forms: dict[str, int]
    state: array[float]
    shared: array[float]
    pairs: array[int]
    triples: array[int]
    inside: int

    def features(self, syllable: str) -> int:
        """Return the form number and flag bits of one syllable of pyvi's, packed in one number."""
        return features(syllable, self.forms)

    def labels(self, packed: array[int]) -> bytearray:
        """Return 1 for each packed syllable ('I') tagged as continuing a word (``I_W``), else 0."""
        return decode(
            packed,
            self.state,
            self.shared,
            self.pairs,
            self.triples,
            self.inside,
        )


# --- laying out what pyvi installs ---------------------------------------------------------


def build_model(model: IO[bytes], words: str) -> WordModel:
    """Lay out a pickled pyvi model and its word list as flat tables.

    Raises `WordModelError` if the model has other labels or attributes than pyvi 0.1's.
    """
    from vnsearch.text.crfsuite import crfsuite_bytes, read_crfsuite

    labels, weights, transitions = read_crfsuite(crfsuite_bytes(model))
    if sorted(labels) != _LABELS:
        raise WordModelError(f"pyvi's model has the labels {labels}, not {_LABELS}")
    grams = [tuple(line.split(" ")) for line in words.split("\n")]
    forms: dict[str, int] = {}
    for name, _ in weights:
        attribute, _, form = name.partition("():")
        if attribute + "()" in _FORM_ATTRIBUTES:
            forms.setdefault(form, len(forms) + 1)
        elif name != "bias" and name not in _SHARED_ATTRIBUTES:
            raise WordModelError(f"pyvi's model has an attribute this release lacks: {name!r}")
    grams = [gram for gram in grams if len(gram) in (2, 3) and all(gram)]
    for gram in grams:
        for form in gram:
            forms.setdefault(form, len(forms) + 1)
    if len(forms) > MAX_FORMS:
        raise WordModelError(f"pyvi's model names {len(forms)} syllables, more than {MAX_FORMS}")

    def both(name: str) -> list[float]:
        return [weights.get((name, 0), 0.0), weights.get((name, 1), 0.0)]

    bias = both("bias")
    state = array("d")
    spellings: list[str | None] = [None, *forms]
    for spelling in spellings:
        for attribute in _FORM_ATTRIBUTES:
            state.extend([0.0, 0.0] if spelling is None else both(f"{attribute}:{spelling}"))
        state.extend([0.0, 0.0])  # eight to a form: one cache line
        state[-8] = bias[0] + state[-8]
        state[-7] = bias[1] + state[-7]
    shared = array("d")
    for attribute in _SHARED_ATTRIBUTES:
        shared.extend([0.0, 0.0, *both(attribute)])
    shared.extend(transitions)
    packed: list[set[int]] = [set(), set()]
    for gram in grams:
        key = 0
        for form in gram:
            key = key << 16 | forms[form]
        packed[len(gram) - 2].add(key)
    return WordModel(
        forms,
        state,
        shared,
        hash_set("I", packed[0]),
        hash_set("Q", packed[1]),
        labels.index("I_W"),
    )


def hash_set(kind: str, keys: Collection[int]) -> array[int]:
    """Return a cuckoo hash table of ``kind`` items (Pagh & Rodler, 2001).

    A key stands at bits 40.. or bits 16.. of its product with the golden ratio, modulo the
    table's size; a free place holds all ones.
    """
    empty = (1 << 8 * array(kind).itemsize) - 1
    size = 16
    while size < 2 * len(keys):
        size *= 2
    while True:
        table = array(kind, [empty]) * size
        if all(_put(table, key, empty) for key in sorted(keys)):
            return table
        size *= 2


def _put(table: array[int], key: int, empty: int) -> bool:
    """Put a key in its place, moving others to their other one; False after too many moves."""
    place = -1
    for _ in range(200):
        product = key * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        first, second = product >> 40 & len(table) - 1, product >> 16 & len(table) - 1
        place = first if place != first and table[second] != empty else second
        key, table[place] = table[place], key
        if key == empty:
            return True
    return False


# --- the cache ------------------------------------------------------------------------------

_CACHE_FORMAT = 6
_CACHE_MAGIC = b"vnsearch words %d %s\n" % (_CACHE_FORMAT, sys.byteorder.encode())


def cache_folder() -> str:
    """Return the cache's folder: ``$XDG_CACHE_HOME/vnsearch`` or ``~/.cache/vnsearch``."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "vnsearch")


def pack_model(model: WordModel) -> bytes:
    """Return the tables as bytes.

    Magic line; 'I' CRC-32 of the rest; then six 'I', the number of the label and the sizes in
    bytes of the five parts that follow: forms joined by NUL, state, shared, pairs, triples.
    """
    tables: list[array[Any]] = [model.state, model.shared, model.pairs, model.triples]
    parts = ["\0".join(model.forms).encode(), *(table.tobytes() for table in tables)]
    rest = array("I", [model.inside, *map(len, parts)]).tobytes() + b"".join(parts)
    return _CACHE_MAGIC + array("I", [zlib.crc32(rest)]).tobytes() + rest


def unpack_model(data: bytes) -> WordModel | None:
    """Read what `pack_model` wrote; None for anything else, or from another kind of machine."""
    if not data.startswith(_CACHE_MAGIC):
        return None
    rest = memoryview(data)[len(_CACHE_MAGIC) + 4 :]
    if array("I", [zlib.crc32(rest)]).tobytes() != data[len(_CACHE_MAGIC) :][:4]:
        return None
    inside, *sizes = rest[:24].cast("I")
    parts = []
    at = 24
    for size in sizes:
        parts.append(rest[at : at + size])
        at += size
    forms = str(parts[0], "utf-8").split("\0")
    tables: list[array[Any]] = []
    for kind, part in zip("ddIQ", parts[1:], strict=True):
        tables.append(array(kind))
        tables[-1].frombytes(part)
    state, shared, pairs, triples = tables
    numbers = dict(zip(forms, range(1, len(forms) + 1), strict=True))
    return WordModel(numbers, state, shared, pairs, triples, inside)


def _store(path: str, data: bytes) -> None:
    """Write a cache file whole or not at all; a folder that cannot be written is no error."""
    import contextlib
    import tempfile

    folder, name = os.path.split(path)
    try:
        os.makedirs(folder, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=name)
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _stamp(path: str) -> tuple[str, int, int]:
    """Return what changes when a file does: reading two megabytes of it would take longer than all
    the rest."""
    status = os.stat(path)
    return os.path.abspath(path), status.st_size, status.st_mtime_ns


def load_model(folder: str | os.PathLike[str]) -> WordModel:
    """Return the model of the pyvi package in ``folder``, from the cache when it is there.

    The cache file is named by where pyvi's files are, their sizes and times, so another pyvi finds
    another file; one that is damaged or missing is written anew. Raises `WordModelError` when
    pyvi's files are missing or of unknown structure; warns when its code is not the code
    reproduced here.
    """
    model = os.path.join(folder, "models", "pyvi3.pkl")
    words = os.path.join(folder, "models", "words.txt")
    try:
        code = _read(os.path.join(folder, "ViTokenizer.py")).replace(b"\r\n", b"\n")
        stamps = _stamp(model), _stamp(words)
    except OSError as error:
        raise WordModelError(f"pyvi is not installed whole: {error}") from None
    if f"{len(code)}-{zlib.crc32(code):08x}" != _KNOWN_CODE:
        import warnings

        warnings.warn(
            "this pyvi's ViTokenizer.py is not the one vnsearch reproduces; words may differ",
            RuntimeWarning,
            stacklevel=2,
        )
    name = f"words-{_CACHE_FORMAT}-{zlib.crc32(repr(stamps).encode()):08x}.bin"
    path = os.path.join(cache_folder(), name)
    try:
        cached = unpack_model(_read(path))
    except OSError:
        cached = None
    if cached is not None:
        return cached
    try:
        with open(model, "rb") as weights:
            built = build_model(weights, _read(words).decode("utf-8"))
    except OSError as error:
        raise WordModelError(f"pyvi is not installed whole: {error}") from None
    _store(path, pack_model(built))
    return built


def pyvi_folder() -> str:
    """Return where pyvi is installed, without importing it; `WordModelError` if it is not."""
    # as importlib.util.find_spec does, which takes a millisecond to import
    specs = (finder.find_spec("pyvi", None) for finder in sys.meta_path)
    spec = next(filter(None, specs), None)
    if spec is None or not spec.submodule_search_locations:
        raise WordModelError("pyvi is not installed: pip install pyvi")
    return next(iter(spec.submodule_search_locations))
