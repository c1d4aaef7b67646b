"""pyvi's words, exactly: same syllables, same labels, same words for any text."""

from __future__ import annotations

import io
import pickle
import re
import shutil
import struct
import subprocess
import sys
import unicodedata
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vnsearch.errors import WordModelError
from vnsearch.text import crfsuite, segment, wordmodel
from vnsearch.text.analyzer import word_labels
from vnsearch.text.words import cut, features, word_model

SEEDS = sorted(Path(__file__).parent.parent.glob("seeds/*.txt"))
PYVI = Path(wordmodel.pyvi_folder())


@pytest.fixture(scope="module")
def pyvi() -> Any:
    """pyvi's own tokenizer class, in all its weight."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *args, **kwargs: None)
        from pyvi.ViTokenizer import ViTokenizer
    return ViTokenizer


def pyvi_labels(pyvi: Any, text: str) -> list[int]:
    syllables = pyvi.sylabelize(text)[1]
    if not syllables:
        return []
    return [
        label == "I_W" for label in pyvi.model.predict([pyvi.sent2features(syllables, False)])[0]
    ]


def assert_same(pyvi: Any, text: str) -> None:
    syllables = cut(text)
    assert syllables == pyvi.sylabelize(text)[1]
    found = array("I", map(features, syllables))
    labels = pyvi_labels(pyvi, text)
    assert list(word_model().labels(found)) == labels
    assert list(word_labels(text)) == labels
    if syllables:
        assert " ".join(segment(text)) == pyvi.tokenize(text)
    else:
        assert segment(text) == []


# Text that meets every alternative of pyvi's regular expression.
PIECES = [
    "học", "sinh", "Học", "SINH", "đại học", "Hà Nội", "công ty", "bác sĩ", "ủy ban nhân dân",
    "TP.HCM", "Tp.", "Mr.", "Mrs. Lan", "ThS.", "Đ.", "a.b", "==>", "->", "...", "....", ">>", "\n",
    "http://a.b/c?d", "đhttps://x", "a@b.c", "a.b+c@d-e.f.g.", "@", "1.000.000", "97,58%", "1_2_3",
    "12/3", "2021", "1.5kg", "Covid-19", "U-23", "x_y", "_", "ho\u0323p", "e\u0301\u0302", "\u0301",
    "\u200b", "\u00ad", "😀", "👨‍👩‍👧", "北京", "ﬁ", "Ⅳ", "½", "²", "٣", "Σας", "ΑΣ",
    "İ", "ǅ", "\0", "\x1c",
    "\u00a0", "\u2028", "한국", "\u1112\u1161\u11ab", "ไทย", "हिन्दी", "“", "”", "–", "…",
    "₫", ",", ".", "!",
]  # fmt: skip
mixed = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(max_size=6), st.sampled_from([" ", "", "  ", "\t"])),
    max_size=30,
).map("".join)
encodable = mixed.filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text))
seed_words = st.lists(
    st.sampled_from(sorted({word for path in SEEDS for word in path.read_text().split()})),
    max_size=60,
).map(" ".join)


@settings(max_examples=150)
@given(encodable)
@example("𝐴 học")
def test_any_text_has_pyvis_words(pyvi: Any, text: str) -> None:
    assert_same(pyvi, text)


@settings(max_examples=100)
@given(seed_words)
def test_shuffled_news_has_pyvis_words(pyvi: Any, text: str) -> None:
    assert_same(pyvi, text)
    assert_same(pyvi, unicodedata.normalize("NFD", text))
    assert_same(pyvi, text.upper())


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_every_seed_has_pyvis_words(pyvi: Any, path: Path) -> None:
    assert_same(pyvi, path.read_text(encoding="utf-8"))


def test_long_text_has_pyvis_labels(pyvi: Any) -> None:
    # 100,000 syllables in one sequence: rounding adds up exactly as CRFsuite's does.
    text = "\n".join(path.read_text(encoding="utf-8") for path in SEEDS)
    syllables = (cut(text) * 25)[:100_000]
    found = array("I", map(features, syllables))
    tagged = pyvi.model.tagger_.tag(pyvi.sent2features(syllables, False))
    assert list(word_model().labels(found)) == [label == "I_W" for label in tagged]


@pytest.mark.parametrize(
    "text", ["", " ", "\t\u00a0", "a", "học", ".", "\n", "1", "\0học", "học \0"]
)
def test_shortest_texts(pyvi: Any, text: str) -> None:
    assert_same(pyvi, text)


def test_lone_surrogates_do_not_crash() -> None:
    assert segment("học \ud800 sinh") == ["học", "\ud800", "sinh"]


def test_words_need_text() -> None:
    with pytest.raises(TypeError, match="text must be str, not bytes: decode it first"):
        segment(b"h\xe1\xbb\x8dc")  # type: ignore[arg-type]


# --- the model file --------------------------------------------------------------------------


def test_weights_are_those_crfsuite_reads(pyvi: Any, tmp_path: Path) -> None:
    with (PYVI / "models" / "pyvi3.pkl").open("rb") as file:
        labels, weights, transitions = crfsuite.read_crfsuite(crfsuite.crfsuite_bytes(file))
    assert labels == pyvi.model.tagger_.labels()
    pyvi.model.tagger_.dump(str(tmp_path / "dump.txt"))
    dump = (tmp_path / "dump.txt").read_text(encoding="utf-8")
    # "  (0) attribute --> label: weight", six decimals; kind 0 is a state, 1 a transition.
    features = re.findall(r"^  \((\d)\) (.*) --> (\S+): (-?[\d.]+)$", dump, re.MULTILINE)
    states = {(name, labels.index(to)): float(w) for kind, name, to, w in features if kind == "0"}
    assert len(states) > 8_000
    assert {key: round(weights[key], 6) for key in states} == states
    assert len(weights) - len(states) == sum(name.endswith(":\n") for name, _ in weights)
    moves = {(a, b): float(w) for kind, a, b, w in features if kind == "1"}
    pairs = [(a, b) for a in labels for b in labels]
    assert {pair: round(w, 6) for pair, w in zip(pairs, transitions, strict=True)} == moves


def crf_pickle(data: bytes) -> io.BytesIO:
    """Pickle a CRFsuite model as sklearn_crfsuite.CRF does."""
    resource = crfsuite._Record()
    resource.__dict__["__FILE_RESOURCE_DATA__"] = data
    crf = crfsuite._Record()
    crf.__dict__["modelfile"] = resource
    return io.BytesIO(pickle.dumps(crf))


@pytest.fixture(scope="module")
def model_bytes() -> bytes:
    with (PYVI / "models" / "pyvi3.pkl").open("rb") as file:
        return crfsuite.crfsuite_bytes(file)


def test_a_model_with_other_weights_gives_other_words(model_bytes: bytes) -> None:
    lists = (PYVI / "models" / "words.txt").read_text(encoding="utf-8")
    at = model_bytes.index(b"FEAT") + 12 + 12
    changed = model_bytes[:at] + struct.pack("<d", 25.0) + model_bytes[at + 8 :]
    ours = wordmodel.build_model(crf_pickle(model_bytes), lists)
    theirs = wordmodel.build_model(crf_pickle(changed), lists)
    assert ours == word_model()
    assert theirs.state != ours.state or theirs.shared != ours.shared


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.replace(b"I_W\0", b"X_W\0"), "labels"),
        (lambda data: data.replace(b"word.istitle()\0", b"word.isother()\0"), "attribute"),
        (lambda data: data.replace(b"FOMC", b"FOMX"), "not a CRFsuite model"),
        (lambda data: data.replace(b"FEAT", b"FEAX"), "feature table"),
        (lambda data: data.replace(b"CQDB", b"CQDX"), "string table"),
        (lambda data: data[:-40_000], "damaged"),
        (lambda data: b"", "damaged"),
    ],
)
def test_a_model_of_unknown_structure_is_refused(
    model_bytes: bytes, change: Callable[[bytes], bytes], message: str
) -> None:
    with pytest.raises(WordModelError, match=message):
        wordmodel.build_model(crf_pickle(change(model_bytes)), "")


class Dangerous:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('ran code')",))


@pytest.mark.parametrize("data", [pickle.dumps(Dangerous()), b"", b"junk", pickle.dumps([1])])
def test_a_strange_pickle_is_refused_and_runs_nothing(data: bytes) -> None:
    with pytest.raises(WordModelError, match="pyvi's model"):
        wordmodel.build_model(io.BytesIO(data), "")


# --- the cache -------------------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "vnsearch"


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_cache_is_written_once_and_read_back(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wordmodel.load_model(PYVI) == word_model()
    monkeypatch.setattr(wordmodel, "build_model", None)  # a second load must not need it
    assert wordmodel.load_model(PYVI) == word_model()
    assert only_file(cache).read_bytes().startswith(b"vnsearch words")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: b"x" + data[1:],
        lambda data: data[:-5000] + bytes([data[-5000] ^ 1]) + data[-4999:],
    ],
)
def test_damaged_cache_is_built_anew(cache: Path, damage: Callable[[bytes], bytes]) -> None:
    wordmodel.load_model(PYVI)
    path = only_file(cache)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert wordmodel.load_model(PYVI) == word_model()
    assert only_file(cache).read_bytes() == whole


def test_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert wordmodel.load_model(PYVI) == word_model()


def copy_of_pyvi(folder: Path) -> Path:
    shutil.copytree(PYVI, folder, ignore=shutil.ignore_patterns("*pos*", "pyvi.pkl", "vidiac*"))
    return folder


def test_another_pyvi_gets_another_cache_file(cache: Path, tmp_path: Path) -> None:
    wordmodel.load_model(PYVI)
    other = copy_of_pyvi(tmp_path / "pyvi")
    with (other / "models" / "words.txt").open("a", encoding="utf-8") as file:
        file.write("\nmới toanh")
    assert "toanh" in wordmodel.load_model(other).forms
    assert len(list(cache.iterdir())) == 2


def test_another_pyvis_code_is_warned_about(cache: Path, tmp_path: Path) -> None:
    other = copy_of_pyvi(tmp_path / "pyvi")
    with (other / "ViTokenizer.py").open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    with pytest.warns(RuntimeWarning, match="words may differ"):
        assert wordmodel.load_model(other) == word_model()


def test_missing_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(WordModelError, match="not installed whole"):
        wordmodel.load_model(tmp_path)


def test_two_processes_at_once(cache: Path) -> None:
    code = "from vnsearch.text import segment; print(segment('Chủ tịch nước họp báo'))"
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    printed = {process.communicate()[0].strip() for process in running}
    assert printed == {str(segment("Chủ tịch nước họp báo"))}
    assert only_file(cache).stat().st_size > 100_000


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from vnsearch.text import segment; segment('học sinh');"
        "print([m for m in ('pyvi', 'sklearn', 'sklearn_crfsuite', 'pycrfsuite', 'numpy', 'whoosh')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
