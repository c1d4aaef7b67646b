"""pyvi's word model, read out of the files pyvi installs.

pyvi is not imported, nor scikit-learn, and nothing of the pickle but the bytes of the model is
rebuilt. The weights are laid out flat and kept in a cache file, so that the next process only
reads arrays.

Formats read: the CRFsuite model file ``lCRF`` version 100 and its string table ``CQDB``
(crfsuite 0.12, ``crf1d_model.c`` and ``cqdb.c``), both little-endian.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import os
import pickle
import struct
import sys
import tempfile
import warnings
import zlib
from array import array
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from vnsearch.errors import VnsearchError
from vnsearch.kernels.text import (
    FIRST_DIGIT,
    FIRST_TITLE,
    FORM_BITS,
    NUMBER,
    SIGN,
    TITLE,
    UPPER,
    decode,
)

__all__ = ["WordModel", "WordModelError", "build_model", "load_model", "pyvi_folder"]

# SHA-256 of the ViTokenizer.py whose rules are written down here (pyvi 0.1.1).
_KNOWN_CODE = "ad11cdacf45b5b2801cd97a473f70effb3a36b94779b80c776a11cedaa18e1c1"

_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

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


class WordModelError(VnsearchError):
    """pyvi's model cannot be found, or is not of the structure this release can read."""


@dataclass(frozen=True, slots=True)
class WordModel:
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
        first = syllable[0]
        flags = (
            UPPER * syllable.isupper()
            | TITLE * syllable.istitle()
            | NUMBER * syllable.isdigit()
            | FIRST_DIGIT * first.isdigit()
            | FIRST_TITLE * first.istitle()
            | SIGN * (syllable in _PUNCTUATION)
        )
        # CRFsuite takes attributes as C strings: what follows a NUL is not seen.
        lower = syllable.lower()
        form = self.forms.get(lower.partition("\0")[0] if "\0" in lower else lower, 0)
        return flags << FORM_BITS | form

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


# --- reading what pyvi installs -------------------------------------------------------------


class _Record:
    """Stands in for every class of the pickle; keeps the state it is given and runs nothing."""

    def __new__(cls, *_: Any) -> _Record:
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None:
        if isinstance(state, dict):
            self.__dict__.update(state)


def _encode(text: str, encoding: str = "latin1") -> bytes:
    return text.encode(encoding)


class _ModelUnpickler(pickle.Unpickler):
    """Rebuilds plain containers only: no class or function of any package is looked up."""

    def find_class(self, module: str, name: str) -> Any:
        return _encode if (module, name) == ("_codecs", "encode") else _Record


def crfsuite_bytes(stream: IO[bytes]) -> bytes:
    """Return the CRFsuite model file inside a pickled sklearn_crfsuite.CRF."""
    try:
        data = _ModelUnpickler(stream).load().modelfile.__FILE_RESOURCE_DATA__
    except Exception as error:
        raise WordModelError(
            f"pyvi's model is not the pickle this release reads: {error}"
        ) from None
    if not isinstance(data, bytes):
        raise WordModelError("pyvi's model pickle holds no CRFsuite model")
    return data


def _strings(data: bytes, offset: int) -> list[str]:
    """Return the strings of a CQDB database in the order of their ids."""
    magic, _size, _flag, order, count, backward = struct.unpack_from("<4s5I", data, offset)
    if magic != b"CQDB" or order != 0x62445371:
        raise WordModelError("pyvi's model holds a string table of an unknown kind")
    strings = []
    for number, at in enumerate(struct.unpack_from(f"<{count}I", data, offset + backward)):
        identifier, size = struct.unpack_from("<2I", data, offset + at)
        if identifier != number:
            raise WordModelError("pyvi's model holds a string table with a wrong id")
        strings.append(data[offset + at + 8 : offset + at + 7 + size].decode("utf-8"))
    return strings


def read_crfsuite(data: bytes) -> tuple[list[str], dict[tuple[str, int], float], list[float]]:
    """Return labels, the weight of each (attribute, label number), the transitions row by row.

    Raises `WordModelError` for anything but a whole CRFsuite model.
    """
    try:
        head = struct.unpack_from("<4sI4s9I", data, 0)
        magic, whole, kind, version, _features, _labels, _attributes, at, labels_at, names_at = (
            head[:10]
        )
        if (magic, kind, version) != (b"lCRF", b"FOMC", 100):
            raise WordModelError("pyvi's model is not a CRFsuite model of version 100")
        if whole != len(data):
            raise WordModelError(f"pyvi's model file is damaged: {len(data)} bytes of {whole}")
        labels, names = _strings(data, labels_at), _strings(data, names_at)
        chunk, size, count = struct.unpack_from("<4s2I", data, at)
        if chunk != b"FEAT" or size != 12 + 20 * count:
            raise WordModelError("pyvi's model holds no feature table")
        weights: dict[tuple[str, int], float] = {}
        transitions = [0.0] * (len(labels) * len(labels))
        for feature, source, target, weight in struct.iter_unpack(
            "<3Id", data[at + 12 : at + size]
        ):
            if feature == 0:
                weights[names[source], target] = weight
            elif feature == 1:
                transitions[source * len(labels) + target] = weight
            else:
                raise WordModelError("pyvi's model holds a feature of an unknown kind")
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise WordModelError(f"pyvi's model file is damaged: {error}") from None
    return labels, weights, transitions


def build_model(model: IO[bytes], words: str) -> WordModel:
    """Lay out a pickled pyvi model and its word list as flat tables.

    Raises `WordModelError` if the model has other labels or attributes than pyvi 0.1's.
    """
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

_CACHE_FORMAT = 5
_CACHE_MAGIC = b"vnsearch words %d\n" % _CACHE_FORMAT


def cache_folder() -> Path:
    """Return the cache's folder: ``$XDG_CACHE_HOME/vnsearch`` or ``~/.cache/vnsearch``."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "vnsearch"


def pack_model(model: WordModel) -> bytes:
    """Return the tables as bytes: magic, header length, CRC-32 of the rest, JSON header, arrays."""
    tables: list[array[Any]] = [model.state, model.shared, model.pairs, model.triples]
    header = json.dumps(
        {
            "order": sys.byteorder,
            "inside": model.inside,
            "forms": list(model.forms),
            "lengths": [len(table) for table in tables],
        }
    ).encode()
    rest = header + b"".join(table.tobytes() for table in tables)
    return _CACHE_MAGIC + struct.pack("<2I", len(header), zlib.crc32(rest)) + rest


def unpack_model(data: bytes) -> WordModel | None:
    """Read what `pack_model` wrote; None for anything else, or from another kind of machine."""
    start = len(_CACHE_MAGIC) + 8
    if len(data) < start or not data.startswith(_CACHE_MAGIC):
        return None
    size, checksum = struct.unpack_from("<2I", data, len(_CACHE_MAGIC))
    if zlib.crc32(data[start:]) != checksum:
        return None
    header = json.loads(data[start : start + size])
    if header["order"] != sys.byteorder:
        return None
    tables: list[array[Any]] = []
    at = start + size
    for kind, length in zip("ddIQ", header["lengths"], strict=True):
        table: array[Any] = array(kind)
        length *= table.itemsize
        table.frombytes(data[at : at + length])
        tables.append(table)
        at += length
    forms = {form: number for number, form in enumerate(header["forms"], 1)}
    state, shared, pairs, triples = tables
    return WordModel(forms, state, shared, pairs, triples, header["inside"])


def _store(path: Path, data: bytes) -> None:
    """Write a cache file whole or not at all; a folder that cannot be written is no error."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)


def load_model(folder: Path) -> WordModel:
    """Return the model of the pyvi package in ``folder``, from the cache when it is there.

    The cache file is named by a hash of pyvi's files, so another pyvi finds another file; one
    that is damaged or missing is written anew. Raises `WordModelError` when pyvi's files are
    missing or of unknown structure; warns when its code is not the code reproduced here.
    """
    try:
        model = (folder / "models" / "pyvi3.pkl").read_bytes()
        words = (folder / "models" / "words.txt").read_bytes()
        code = (folder / "ViTokenizer.py").read_bytes()
    except OSError as error:
        raise WordModelError(f"pyvi is not installed whole: {error}") from None
    if hashlib.sha256(code.replace(b"\r\n", b"\n")).hexdigest() != _KNOWN_CODE:
        warnings.warn(
            "this pyvi's ViTokenizer.py is not the one vnsearch reproduces; words may differ",
            RuntimeWarning,
            stacklevel=2,
        )
    key = hashlib.sha256(hashlib.sha256(model).digest() + hashlib.sha256(words).digest())
    path = cache_folder() / f"words-{_CACHE_FORMAT}-{key.hexdigest()[:32]}.bin"
    try:
        cached = unpack_model(path.read_bytes())
    except OSError:
        cached = None
    if cached is not None:
        return cached
    built = build_model(io.BytesIO(model), words.decode("utf-8"))
    _store(path, pack_model(built))
    return built


def pyvi_folder() -> Path:
    """Return where pyvi is installed, without importing it; `WordModelError` if it is not."""
    spec = importlib.util.find_spec("pyvi")
    if spec is None or not spec.submodule_search_locations:
        raise WordModelError("pyvi is not installed: pip install pyvi")
    return Path(next(iter(spec.submodule_search_locations)))
