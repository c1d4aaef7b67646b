"""The CRFsuite model inside the pickle that pyvi installs, read without running any of it.

Formats read: the CRFsuite model file ``lCRF`` version 100 and its string table ``CQDB``
(crfsuite 0.12, ``crf1d_model.c`` and ``cqdb.c``), both little-endian.
"""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

from vnsearch.errors import WordModelError

__all__ = ["crfsuite_bytes", "read_crfsuite"]


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
