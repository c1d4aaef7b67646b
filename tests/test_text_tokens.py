"""What a token is and where it stands; the tables are the definition's documentation."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_modes import interpreted

import vnsearch.text
from vnsearch.kernels import text as kernel
from vnsearch.text import (
    Token,
    Vocabulary,
    analyze,
    analyzer,
    canonical,
    segment,
    spans,
    syllables,
    tokenize,
)
from vnsearch.text.analyzer import query_tokens
from vnsearch.text.canonical import spell
from vnsearch.text.words import cut, features, word_model

SEEDS = sorted(Path(__file__).parent.parent.glob("seeds/*.txt"))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Chiều 12/3, họp.", "chiều 12 3 họp"),
        ("12/03", "12 3"),  # a lone 0d is d, so that 12/03 is 12/3
        ("00:05", "00 5"),
        ("007", "007"),
        ("319.035", "319035"),  # thousands are one number
        ("1.234.567,89", "1234567 89"),
        ("1,234,567", "1234567"),
        ("0,125", "0 125"),
        ("1234.567", "1234 567"),
        ("1.2.345", "1 2 345"),
        ("97,58%", "97 58"),  # any other sign cuts
        ("30.12.2021", "30 12 2021"),
        ("10.000đ", "10000 đ"),
        ("H'Mông H’Mông H\u02bcMông", "h mông h mông h mông"),
        ("5K", "5k"),  # single letters and digits are one code
        ("F0 A4 18h00 H5N1 H2O", "f0 a4 18h00 h5n1 h2o"),
        ("covid19 COVID-19", "covid 19 covid 19"),  # two letters or more are a word
        ("10kg mp3 iphone15", "10 kg mp 3 iphone 15"),
        ("U-23 u23 S-400 F-16A", "u23 u23 s400 f16a"),
        ("MU-23 2-1", "mu 23 2 1"),
        ("c++ C# f# c+ c+++", "c++ c# f# c c++"),
        ("TP.HCM tp. hcm", "tp hcm tp hcm"),
        ("a_b @user #tag a@b.vn", "a b user tag a b vn"),
        ("m² 10² ½ Ⅳ ④", "m2 102 ½ iv 4"),
        ("１２ ٣", "12 3"),
        ("北京かな", "北 京 か な"),
        ("ｶﾞ ﾞ", "ガ ﾞ"),
        ("한국", "한국"),
        ("हिन्दी", "हिन्दी"),
        ("5️⃣ 👨‍👩‍👧 …", "5"),
        ("₫ % / \u0301", ""),
        ("a" * 70, "a" * 64 + " " + "a" * 6),
        ("", ""),
    ],
)
def test_tokens(text: str, tokens: str) -> None:
    assert syllables(text) == tokens.split()
    assert syllables(unicodedata.normalize("NFD", text)) == tokens.split()


def test_spans_are_in_the_text_as_given() -> None:
    text = "Ho\u0323c sinh U-23, 319.035 đ\u200bồng"
    starts, ends, texts = spans(text)
    assert [text[start:end] for start, end in zip(starts, ends, strict=True)] == [
        "Ho\u0323c", "sinh", "U-23", "319.035", "đ\u200bồng",
    ]  # fmt: skip
    assert texts == ["học", "sinh", "u23", "319035", "đồng"]


def test_joined_follows_pyvis_words() -> None:
    text = "Học sinh trường Đại học Hà Nội, covid19."
    assert segment(text) == ["Học_sinh", "trường", "Đại_học", "Hà_Nội", ",", "covid19", "."]
    assert [token.text for token in tokenize(text) if token.joined] == [
        "sinh",
        "học",
        "nội",
        "19",
    ]
    words = analyze(text).words
    assert [word.text for word in words] == ["học sinh", "trường", "đại học", "hà nội", "covid 19"]
    assert [text[word.start : word.end] for word in words][-2:] == ["Hà Nội", "covid19"]
    assert [(word.first, word.last) for word in words][:3] == [(0, 1), (2, 2), (3, 4)]


def test_analysis_as_a_dict() -> None:
    assert analyze("hoà").to_dict() == {
        "text": "hoà",
        "tokens": [{"text": "hòa", "start": 0, "end": 3, "joined": False}],
        "words": [{"text": "hòa", "start": 0, "end": 3, "first": 0, "last": 0}],
    }


def test_tokens_of_a_query_are_those_of_a_text() -> None:
    for text in ("giá vàng hôm nay", "", "giá vàng " * 200):
        for _ in range(2):
            assert query_tokens(text) == tuple(tokenize(text))


@pytest.mark.parametrize("value", [b"ho\xc3\xa0", None, 3, ["hoà"]])
def test_only_text_is_taken(value: Any) -> None:
    takers: list[Callable[[Any], object]] = [tokenize, spans, segment, canonical]
    for function in [*takers, Vocabulary().encode]:
        with pytest.raises(TypeError, match="text must be str, not "):
            function(value)


# --- any text --------------------------------------------------------------------------------

WORDS = """
học Hoà THUÝ kĩ TP. TP.HCM Tp. Mrs. ThS. Đ. covid 19 COVID-19 U-23 u - a-5 c++ c# 5K 18h00 319.035
1.2.345 0,5 97,58% 03 0 00 1.5kg 1.2a3 2a-5 1.5c++ a_b x@y.z ==> -> http://a.b/1.000 ... >> .. e ệ
ﬁ ﷺ Ⅳ ½ ² ٣ １ ｶﾞ 北 か 한 ไทย हि Σ İ ǅ ß о оа 😀 5️⃣ ₫ “ – … , . : / @ # + _
"""
PIECES = [
    *WORDS.split(),
    *["\n", "\t", " ", " ", " ", "\u00a0", "\u3000", "\x1c", "\0", "\ud800", "\U000e0100"],
    *["\u200b", "\u00ad", "\u0301", "\u0323", "\u0302", "\u00d0", "\u212b", "\u2126", "\u0344"],
    *["\u0958", "\u1161\u11ab", "\uf978", "a" * 63, "1" * 65, "ế" * 70],
]
any_text = st.lists(
    st.one_of(st.sampled_from(PIECES), st.sampled_from(PIECES), st.text(max_size=4)), max_size=25
).map("".join)


def plain_tokens(text: str) -> list[Token]:
    """The definition, slowly: every chunk by itself, pyvi's words laid over the spans."""
    found: list[tuple[str, int, int, int, int]] = []
    theirs: list[str] = []
    for match in re.finditer(r"\S+|\n", text):
        base, at = len(theirs), match.start()
        pieces, tokens = analyzer.read_chunk(match[0])
        theirs += pieces
        for word, start, end, first, last in tokens:
            found.append((word, at + start, at + end, base + first, base + last))
    assert theirs == cut(text)
    word_of: list[int] = []  # the word each of pyvi's syllables is in
    for number, word in enumerate(segment(text)):
        size = -1
        while size < len(word):
            size += len(theirs[len(word_of)]) + 1
            word_of.append(number)
    located = []
    before = None
    for word, start, end, first, last in found:
        located.append(Token(word, start, end, word_of[first] == before))
        before = word_of[last]
    return located


@settings(max_examples=400)
@given(any_text)
def test_fast_path_equals_the_definition(text: str) -> None:
    assert tokenize(text) == plain_tokens(text)
    assert Vocabulary().encode(text)[1] == bytearray(t.joined for t in plain_tokens(text))


def assert_sound(text: str) -> None:
    starts, ends, texts = spans(text)
    covered = [0] * len(text)
    previous = 0
    for start, end, token in zip(starts, ends, texts, strict=True):
        assert previous <= start <= end <= len(text)
        previous = end
        assert canonical(token) == token
        assert len(token) <= 64
        for at in range(start, end):
            covered[at] += 1
    for char, times in zip(text, covered, strict=True):
        assert times <= 1
        assert times == 1 or not char.isalnum() or "\u02b9" <= char <= "\u02bf"
    assert canonical(" ".join(texts)) == " ".join(texts)


@settings(max_examples=400)
@given(any_text)
def test_spans_round_trip(text: str) -> None:
    assert_sound(text)
    for start, end, token in zip(*spans(text), strict=True):
        if len(token) < 32 and not re.search(r"[^\W\d_].*\d|\d.*[^\W\d_]|^\d$", token):
            assert canonical(text[start:end]) == token


@settings(max_examples=300)
@example("319.035\u1161\u11abhọc")
@example("Hoà, ế\u0323! ề\u200b đ\u0301 á\u0301à")
@given(any_text)
def test_nfd_gives_the_same_tokens(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert syllables(composed) == syllables(decomposed) == syllables(text)
    assert [t.joined for t in tokenize(composed)] == [t.joined for t in tokenize(decomposed)]
    assert_sound(decomposed)
    for old, new in zip(
        zip(*spans(composed)[:2], strict=True),
        zip(*spans(decomposed)[:2], strict=True),
        strict=True,
    ):
        assert unicodedata.normalize("NFC", decomposed[slice(*new)]) == unicodedata.normalize(
            "NFC", composed[slice(*old)]
        )


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_seeds_round_trip(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for form in (text, unicodedata.normalize("NFD", text), text.upper(), text.replace(" ", "")):
        assert_sound(form)
        assert tokenize(form) == plain_tokens(form)


@pytest.mark.parametrize("size", [16_381, 16_383, 16_384, 16_385, 40_000])
@pytest.mark.parametrize(
    "piece", ["a", "học ", "họ\u0323c", "ho\u0323c ", "1.", "ab-", "\n", "x@y "]
)
def test_texts_longer_than_a_block(piece: str, size: int) -> None:
    text = (piece * size)[:size]
    assert tokenize(text) == plain_tokens(text)


# --- the vocabulary --------------------------------------------------------------------------


def test_vocabulary_numbers_terms_in_order_of_first_sight() -> None:
    vocabulary = Vocabulary()
    ids, joined, _ = vocabulary.encode("Học sinh, học sinh U-23!")
    assert (ids.typecode, list(ids)) == ("i", [0, 1, 0, 1, 2])
    assert list(joined) == [0, 1, 0, 1, 0]
    assert vocabulary.terms() == ["học", "sinh", "u23"]  # and no trace of a rejected "u"
    assert (vocabulary.add("sinh"), vocabulary.add("mới"), len(vocabulary)) == (1, 3, 4)
    assert (vocabulary.id("mới"), vocabulary.id("lạ"), vocabulary.term(3)) == (3, -1, "mới")
    with pytest.raises(IndexError):
        vocabulary.term(4)


def test_threads_share_a_vocabulary() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SEEDS]
    vocabulary = Vocabulary()
    results: dict[int, list[list[str]]] = {}

    def work(number: int) -> None:
        ids = [vocabulary.encode(text)[0] for text in texts]
        results[number] = [[vocabulary.term(i) for i in found] for found in ids]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [syllables(text) for text in texts]
    assert [results[number] for number in range(4)] == [expected] * 4


def test_a_vocabulary_outlives_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [path.read_text(encoding="utf-8") for path in SEEDS]
    vocabularies = [Vocabulary() for _ in range(2)]
    expected = [syllables(text) for text in texts]
    monkeypatch.setattr(analyzer, "_REMEMBERED", 20)  # forgets everything all the time
    for vocabulary in vocabularies:
        for text, tokens in zip(texts, expected, strict=True):
            assert [vocabulary.term(number) for number in vocabulary.encode(text)[0]] == tokens
            assert syllables(text) == tokens
    assert vocabularies[0].terms() == vocabularies[1].terms()
    assert len(set(vocabularies[0].terms())) == len(vocabularies[0])


# --- the kernel ------------------------------------------------------------------------------


def test_the_kernels_alphabet() -> None:
    """Every character it cuts by itself neither combines, nor vanishes, nor stands alone."""
    assert len(set(kernel.ALPHABET)) == len(kernel.ALPHABET) <= 255 - 3
    assert unicodedata.is_normalized("NFC", kernel.ALPHABET)
    for char in kernel.ALPHABET:
        word = char not in kernel.SIGNS
        assert cut(char) == cut(unicodedata.normalize("NFD", char)) == [char]
        assert cut("a" + char + "a") == (["a" + char + "a"] if word else ["a", char, "a"])
        assert len(syllables(char)) == word
        assert not unicodedata.category(char).startswith("M")
        assert char.isdigit() == (char in kernel.DIGITS)
    every = map(chr, range(sys.maxunicode + 1))
    assert "".join(char for char in every if char.isspace() and char != "\n") == kernel.SPACES


def test_ascii_words_of_over_three_letters_have_one_spelling() -> None:
    """The kernel does not ask for it."""
    for letters in product("aghiklmqstuy", repeat=4):
        assert spell("".join(letters)) == "".join(letters)


@pytest.fixture(scope="module")
def slow_kernel() -> ModuleType:
    return interpreted("text")


def test_the_kernel_knows_which_words_have_one_spelling() -> None:
    """What it does not ask `spell` about must be spelled as it is."""
    asked: list[str] = []

    def asking(word: str) -> str:
        asked.append(word)
        return spell(word)

    short = map("".join, product(["", *"abcdeghiklmnopqrstuvxy"], repeat=3))
    onsets = ["", *"bcdđghklmnpqrstvxwz", "gi", "ng", "ngh", "qu", "th"]
    vowels = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"
    marked = map("".join, product(onsets, vowels, ["", "a", "e", "o", "y"], ["", "c", "ng", "f"]))
    words = sorted({*short, *marked} - {""})
    model = word_model()
    terms: list[str] = []
    scanner = kernel.Scanner(
        lambda spelling: pytest.fail(spelling),
        model.state,
        model.shared,
        model.pairs,
        model.triples,
        model.inside,
        1 << 17,
        asking,
        model.forms,
        {},
        terms,
    )
    for word in words:
        scanner.scan(word)
        assert [terms[number] for number in scanner.terms_found()] == [spell(word)]
    assert 0 < len(asked) < len(words)


def scan(module: ModuleType, texts: list[str], limit: int) -> list[object]:
    """Everything a scanner says of some texts, with terms as strings."""
    model = word_model()
    terms: list[str] = []

    def learn(spelling: str) -> tuple[list[int], list[tuple[int, ...]]]:
        found, tokens = analyzer.read_chunk(spelling)
        numbered = []
        for text, *where in tokens:
            if text not in terms:
                terms.append(text)
            numbered.append((terms.index(text), *where))
        return [features(syllable) for syllable in found], numbered

    scanner = module.Scanner(
        learn,
        model.state,
        model.shared,
        model.pairs,
        model.triples,
        model.inside,
        limit,
    )
    said: list[object] = []
    for text in texts:
        scanner.scan(text)
        found = scanner.terms_found()
        expected = [terms[term] for term in found]
        for begun in (0, 1):  # terms that came from elsewhere
            numbering = module.Numbering()
            for term in terms[:begun]:
                assert numbering.add(term) == 0
            for _ in range(2):  # by the same scanner, then by one that is taken for another
                numbered = scanner.numbered(numbering, terms)
                assert [numbering.term(number) for number in numbered] == expected
                numbering.forget()
            listed = numbering.terms(0)
            assert len(numbering) == len(listed) == len(set(listed))
            assert list(map(numbering.find, listed)) == list(range(len(listed)))
            assert listed == list(dict.fromkeys([*terms[:begun], *expected]))
        said.append(
            (
                [terms[number] for number in found],
                *scanner.spans_found(),
                scanner.labels(),
                scanner.joined(),
            )
        )
    return said


@settings(max_examples=60)
@given(st.lists(any_text, max_size=4))
def test_kernel_interpreted_is_kernel_compiled(slow_kernel: ModuleType, texts: list[str]) -> None:
    assert scan(slow_kernel, texts, 1 << 17) == scan(kernel, texts, 1 << 17)


def test_a_scanner_that_forgets_says_the_same(slow_kernel: ModuleType) -> None:
    generator = random.Random(1)
    words = [word for path in SEEDS for word in path.read_text(encoding="utf-8").split()]
    words += ["họ\u0323c", "covid19", "x@y.z", "a" * 70, "b" * 30 + "-" + "c" * 30]
    texts = [" ".join(generator.choices(words, k=200)) for _ in range(5)]
    expected = scan(kernel, texts, 1 << 17)
    for limit in (1, 7, 300):
        assert scan(kernel, texts, limit) == expected
    assert scan(slow_kernel, texts, 7) == expected


def test_kernels_without_a_compiled_form_are_named_once(tmp_path: Path) -> None:
    package = tmp_path / "kernels"
    package.mkdir()
    source = Path(kernel.__file__).parent
    (package / "__init__.py").write_text((source / "__init__.py").read_text(encoding="utf-8"))
    (package / "slow.py").write_text("")
    (package / "fast.py").write_text("")
    (package / f"fast{EXTENSION_SUFFIXES[0]}").write_text("")
    code = "import kernels, kernels.slow; print(kernels.interpreted())"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "['slow']\n"
    assert done.stderr.count("without its compiled kernels (slow)") == 1


def test_every_public_name_is_there() -> None:
    assert vnsearch.text.__all__ == sorted(vnsearch.text.__all__)
    for name in vnsearch.text.__all__:
        assert getattr(vnsearch.text, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        vnsearch.text.missing  # noqa: B018


def test_both_letters_of_a_ligature_stand_where_it_does() -> None:
    spans = [(token.text, token.start, token.end) for token in tokenize("{ヿ")]
    assert spans == [("コ", 1, 2), ("ト", 1, 2)]
