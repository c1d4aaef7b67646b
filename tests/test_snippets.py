"""Snippets: whole sentences, honest marks, and the passage a person would choose."""

from __future__ import annotations

import html
import itertools
import math
import re
import unicodedata
from array import array
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_modes import interpreted
from test_postings import Postings, encode

from vnsearch import snippets
from vnsearch.kernels import postings
from vnsearch.kernels import snippets as snippet_kernel
from vnsearch.kernels.snippets import Sentences
from vnsearch.snippets import Phrases, Sought, Text, highlight, mark, render, snippet
from vnsearch.text import Vocabulary, spans, tokenize

SEEDS = Path(__file__).parent.parent / "seeds"

LEAD = "Chiều 12/3, Quận ủy họp. "
ANSWER = "Các phường phát khẩu trang miễn phí cho người dân."
ARTICLE = (
    LEAD
    + "Tham dự có lãnh đạo 15 phường.\n\n"
    + ANSWER
    + " Đồng chí Bí thư đề nghị đo thân nhiệt.\n"
    "Hoàng Tùng"
)


def shown(text: str, terms: str, length: int = 240) -> str:
    return render(snippet(text, dict.fromkeys(terms.split(), 1.0), length=length), text, None)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    return Sentences(text, array("i"), array("i"), array("i")).spans()


def sentences(text: str) -> list[str]:
    return [text[a:b] for a, b in sentence_spans(text)]


# -- sentences ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts",
    [
        ["Một câu.", "Hai câu!", "Ba câu?", "Bốn câu…", "Hết"],
        ["Ông nói: “Xong rồi.”", "Rồi đi."],
        ["Ông về TP. Hồ Chí Minh hôm qua.", "Trời mưa."],
        ["ThS. Trần Văn A đến.", "Ông J. K. Rowling cũng đến."],
        ["Đã tiêm 319.035 mũi.", "Đạt 97.58 % mục tiêu.", "15 phường xong."],
        ["1. Mục đầu", "2. Mục sau"],
        ["Năm 2022. Đây là câu sau."],
        ["xe, quần áo… và khẩu trang.", "Hết."],
        ["Dòng một", "Dòng hai"],
        ["Website a.vn. Đọc thêm...", "Hết."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(parts: list[str]) -> None:
    expected = [piece for part in parts for piece in re.split(r"(?<=2022\.) |(?<=a\.vn\.) ", part)]
    assert sentences("\n".join(parts)) == expected
    if not any(part.startswith(("1.", "Dòng")) for part in parts):
        assert sentences(" " + " ".join(parts) + " \n") == expected


def test_a_line_wrapped_by_hand_is_one_sentence() -> None:
    assert sentences("Các phường phát\nkhẩu trang.\nHết") == ["Các phường phát\nkhẩu trang.", "Hết"]


@given(st.text(alphabet="aÁ .!?…\n\t”1TP。", max_size=60))
def test_sentences_cover_the_text_and_never_overlap(text: str) -> None:
    at = 0
    for start, end in sentence_spans(text):
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        at = end
    assert not text[at:].strip()


# -- choosing ----------------------------------------------------------------------------------


def test_the_sentence_with_the_terms_is_shown_whole() -> None:
    assert shown(ARTICLE, "khẩu trang", length=60) == ANSWER


def test_following_sentences_fill_the_room_that_is_left() -> None:
    assert shown(ARTICLE, "khẩu trang", length=110).endswith("đề nghị đo thân nhiệt.")


def test_a_passage_stays_in_its_paragraph_unless_short() -> None:
    assert "Hoàng" not in shown(ARTICLE, "khẩu trang", length=110)
    assert shown("Tin vắn\nHôm nay trời mưa.", "vắn") == "Tin vắn Hôm nay trời mưa."


def test_nothing_found_shows_the_beginning() -> None:
    assert shown(ARTICLE, "bóng đá", length=60).startswith("Chiều 12/3")
    assert snippet(ARTICLE, {}).marks == ()


def test_of_equals_the_earlier_is_shown() -> None:
    assert (
        shown("Mưa to ở Huế. Gió nhẹ. Mưa to ở Huế nữa.", "mưa huế", length=20) == "Mưa to ở Huế."
    )


def test_terms_side_by_side_beat_terms_apart() -> None:
    text = "Trường ở xa, học sinh đi bộ đến lớp. Trường học mới xây xong rồi nhé."
    assert shown(text, "trường học", length=40).startswith("Trường học")


def test_heavier_terms_beat_lighter_ones() -> None:
    text = "Của và các là những. Zalo mới."
    weights = {"của": 0.1, "các": 0.1, "là": 0.1, "zalo": 3.0}
    assert render(snippet(text, weights, length=20), text, None) == "Zalo mới."


def test_a_cut_falls_between_words() -> None:
    text = "Nhà trường tổ chức nghiên cứu khoa học cho sinh viên tại thành phố Hồ Chí Minh " * 3
    tokens = tokenize(text.strip())
    joined = {token.start for token in tokens if token.joined}
    ends = {token.end for token, after in itertools.pairwise(tokens) if after.joined}
    assert joined
    for length in range(30, 150):
        found = snippet(text.strip(), {"cho": 1.0}, length=length)
        ((start, end),) = found.passages
        assert end - start <= length
        assert start not in joined
        assert end not in ends


def test_a_long_sentence_is_cut_at_clauses_with_ellipses() -> None:
    text = "Bắt đầu " + "rất dài dòng " * 30 + ", nhóm Zalo của tổ, " + "vẫn còn nữa " * 30
    result = shown(text, "zalo tổ", length=60)
    assert result.startswith("… nhóm Zalo của tổ, vẫn còn")
    assert result.endswith(" …")


def test_two_passages_only_where_they_show_more() -> None:
    text = LEAD + "Không có gì ở đây cả. " * 30 + ANSWER
    both = snippet(text, {"quận": 1.0, "khẩu": 1.0}, passages=2, length=120)
    assert len(both.passages) == 2
    assert " … Các phường" in render(both, text, None)
    assert len(snippet(text, {"khẩu": 1.0, "trang": 1.0}, passages=2).passages) == 1


def test_a_match_far_into_a_huge_text_is_found_and_never_split() -> None:
    text = "từ ngữ " * (3 * snippets.CHUNK // 7) + "khẩu trang. " + "từ ngữ " * 20_000
    assert "khẩu trang" in shown(text, "khẩu", length=80)


def test_of_a_huge_text_the_best_piece_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    filler = "Chẳng có gì. " * (snippets.CHUNK // 13 + 1)
    text = f"Thời gian trôi. {filler}Thời hiệu thừa kế là 30 năm. {filler}Thừa kế."
    weights = {"thời": 1.0, "hiệu": 2.0, "thừa": 2.0, "kế": 2.0}
    answer = "«Thời» «hiệu» «thừa» «kế» là 30 năm."
    for found in (
        Sought(weights).line(Text(text), length=60),
        render(snippet(text, weights, length=60), text),
    ):
        assert found is not None
        assert answer in found
    first = Sought({"kế": 1.0}).line(Text(text), length=60)
    assert first is not None
    assert first.startswith("Thời hiệu thừa «kế»")  # of equal ones the first
    # but not read on without end
    monkeypatch.setattr(snippets, "PIECES", 1)
    assert "«Thời» gian" in (Sought(weights).line(Text(text), length=60) or "")


def test_more_terms_than_the_text_has_change_nothing() -> None:
    weights = {"khẩu": 1.0, "trang": 2.0}
    many = {**{f"x{i}": 1.0 for i in range(200)}, **weights}
    assert snippet(ARTICLE, many) == snippet(ARTICLE, weights)


def test_many_terms_are_forgotten_without_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snippets, "REMEMBERED", 3)
    for _ in range(3):
        assert shown(ARTICLE, "khẩu trang", length=60) == ANSWER


def test_a_text_shown_before_is_shown_the_same_for_another_query(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = Text(ARTICLE)
    for query in ({"khẩu": 1.0}, {"quận": 2.0, "ủy": 1.0}, {"bóng": 1.0}, {"khẩu": 1.0}):
        assert Sought(query).snippet(text, length=60) == snippet(ARTICLE, query, length=60)
        monkeypatch.setattr(snippets, "REMEMBERED", 3)  # and so by other numbers of the terms


@pytest.mark.parametrize(("length", "passages"), [(0, 1), (240, 0)])
def test_senseless_sizes_are_refused(length: int, passages: int) -> None:
    with pytest.raises(ValueError, match="length >= 1"):
        snippet("a", {}, length=length, passages=passages)


# -- marks and rendering -----------------------------------------------------------------------


def test_text_marks_are_guillemets() -> None:
    weights = {"khẩu": 1.0, "trang": 1.0}
    assert "phát «khẩu» «trang» miễn" in render(snippet(ARTICLE, weights), ARTICLE)


def test_a_phrase_is_one_mark_where_only_spaces_part_it() -> None:
    phrase = ("phòng", "chống", "dịch")
    assert highlight("Phòng  chống dịch", {}, {phrase: 1.0}) == "«Phòng chống dịch»"
    assert highlight("phòng, chống dịch", {}, {phrase: 1.0}) == "«phòng», «chống dịch»"
    assert highlight("chống dịch, phòng dịch", {}, {phrase: 1.0}) == "chống dịch, phòng dịch"


def test_a_word_of_a_phrase_may_have_several_spellings() -> None:
    phrases: Phrases = {(("nha", "nhà"), ("trang", "trắng")): 1.0}
    text = "Nha Trang có nhà trắng, nhà trang điểm, trắng nhà"
    expected = "«Nha Trang» có «nhà trắng», «nhà trang» điểm, trắng nhà"
    assert highlight(text, {}, phrases) == expected
    longer: Phrases = {("trắng", ("nhà",), ("nha", "nhà")): 1.0, **phrases}
    assert highlight("trắng nhà nha trang", {}, longer) == "«trắng nhà nha trang»"


def test_a_phrase_counts_as_much_as_it_is_said_to() -> None:
    text = "Công an huyện họp. Hôm nay có 26 ca mới."
    weights = {"ca": 3.0, "mới": 2.0}
    for weight, best in [(4.0, "Hôm nay có 26 «ca» «mới»."), (6.0, "«Công an» huyện họp. …")]:
        found = snippet(text, weights, {("công", "an"): weight}, length=30)
        assert render(found, text).startswith(best.removesuffix(" …"))


def test_a_phrase_and_its_words_share_marks() -> None:
    weights = dict.fromkeys(["phòng", "chống", "dịch"], 1.0)
    phrases: Phrases = {("phòng", "chống"): 2.0, ("chống", "dịch"): 2.0}
    assert highlight("phòng chống dịch dịch", weights, phrases) == "«phòng chống dịch» «dịch»"


def test_matches_that_touch_share_a_mark() -> None:
    assert highlight("mua 10kg gạo", {"10": 1.0, "kg": 1.0}) == "mua «10kg» gạo"


def test_html_is_escaped_inside_and_outside_marks() -> None:
    text = '<b onload="x">R&D</b> & <script>'
    result = highlight(text, {"r": 1.0, "script": 1.0}, format="html")
    assert result == (
        "&lt;b onload=&quot;x&quot;&gt;<mark>R</mark>&amp;D&lt;/b&gt; &amp; "
        "&lt;<mark>script</mark>&gt;"
    )


def test_ansi_colours_and_drops_control_characters() -> None:
    assert highlight("a\x1b[2J b", {"b": 1.0}, format="ansi") == "a[2J \x1b[1;33mb\x1b[0m"


def test_own_markers_and_no_format() -> None:
    assert highlight("a b", {"b": 1.0}, markers=("**", "**")) == "a **b**"
    assert highlight("a b", {"b": 1.0}, format=None) == "a b"


def test_an_unknown_format_is_refused_with_those_known() -> None:
    with pytest.raises(ValueError, match="'text', 'html', 'ansi'"):
        highlight("a", {}, format="rtf")  # type: ignore[arg-type]


# -- properties --------------------------------------------------------------------------------

WORDS = [
    "phòng",
    "chống",
    "dịch",
    "Quận",
    "ủy",
    "Covid-19",
    "319.035",
    "nghiêng",
    "10kg",
    "👨‍👩‍👧",
    "漢字",
]
TEXTS = st.lists(
    st.tuples(
        st.sampled_from(WORDS), st.sampled_from([" ", ", ", ". ", "\n", " “", "” ", "… ", ""])
    ),
    max_size=60,
).map(lambda pairs: "".join(word + gap for word, gap in pairs))


@given(
    TEXTS | st.text(max_size=80),
    st.sets(st.sampled_from(["phòng", "dịch", "quận", "covid", "19", "kg", "漢"])),
    st.dictionaries(
        st.sampled_from([("phòng", "chống"), ("quận", "ủy"), ("covid", "19")]),
        st.floats(0, 9),
        max_size=2,
    ),
    st.integers(1, 120),
    st.integers(1, 2),
    st.sampled_from(["NFC", "NFD"]),
)
def test_snippets_keep_their_promises(
    text: str,
    terms: set[str],
    phrases: Phrases,
    length: int,
    passages: int,
    form: str,
) -> None:
    text = unicodedata.normalize(form, text)  # type: ignore[arg-type]
    starts, ends, tokens = spans(text)
    found = snippet(text, dict.fromkeys(terms, 1.0), phrases, length=length, passages=passages)
    assert 1 <= len(found.passages) <= passages

    inside = {at for start, end in zip(starts, ends, strict=True) for at in range(start + 1, end)}
    previous = 0
    for start, end in found.passages:
        assert previous <= start <= end <= len(text)
        assert start not in inside
        assert end not in inside
        assert end == len(text) or not unicodedata.combining(text[end]) or text[end - 1].isspace()
        longest = max((e - s for s, e in zip(starts, ends, strict=True)), default=1)
        assert end - start <= max(length, longest + 16)  # a family of emoji is shown whole
        previous = end

    expected = mark(text, dict.fromkeys(terms, 1.0), phrases)
    for start, end in found.marks:
        assert any(low <= start and end <= high for low, high in found.passages)
        assert any(low <= start and end <= high for low, high in expected)
    if terms.intersection(tokens):
        assert found.marks

    plain = render(found, text, None)
    assert render(found, text, "text", ("", "")) == plain
    if form == "NFC":
        assert html.unescape(re.sub("</?mark>", "", render(found, text, "html"))) == plain
    for piece in plain.split(" … "):
        assert piece.removeprefix("… ").removesuffix(" …") in re.sub(r"\s+", " ", text)


def test_a_word_that_only_begins_inside_the_passage_is_left_out() -> None:
    text = "👨‍👩‍👧 👨‍👩‍👧 phòng "
    assert snippet(text, {}, length=13).passages == ((0, 12),)
    assert snippet(text, {"phòng": 1.0}, length=4).marks == ((12, 17),)


def test_nfd_text_is_shown_as_written() -> None:
    text = unicodedata.normalize("NFD", "Phát khẩu trang miễn phí.")
    found = snippet(text, {"khẩu": 1.0})
    assert [text[a:b] for a, b in found.marks] == [unicodedata.normalize("NFD", "khẩu")]


# -- the kernel --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def slow_kernel() -> ModuleType:
    return interpreted("snippets")


def scored_runs(text: str, weights: dict[str, float], length: int) -> dict[tuple[int, int], float]:
    """The score of every run of sentences that may be shown, by the module's own words."""
    starts, ends, tokens = spans(text)
    bounds = sentence_spans(text)

    def score(low: int, high: int) -> float:
        inside = [
            token
            for start, end, token in zip(starts, ends, tokens, strict=True)
            if low <= start and end <= high
        ]
        near: dict[str, float] = {}
        for first, second in itertools.pairwise(inside):
            if first in weights and second in weights and first != second:
                near.setdefault(second, min(weights[first], weights[second]) / 2)
        return sum(weights.get(token, 0.0) for token in set(inside)) + sum(near.values())

    runs = {}
    for first, (start, _) in enumerate(bounds):
        run = [span for span in bounds[first:] if span[1] - start <= length]
        if score(*run[0]):  # passages begin with a sentence that has a match
            value = score(start, run[-1][1]) + max(itertools.starmap(score, run))
            runs[start, run[-1][1]] = value * (1 - snippets.EARLY * start / len(text))
    return runs


@given(
    st.lists(
        st.lists(
            st.sampled_from(["mưa", "gió", "to", "ở", "huế", "và", "nắng"]), min_size=1, max_size=6
        ),
        min_size=1,
        max_size=8,
    ),
    st.dictionaries(
        st.sampled_from(["mưa", "gió", "huế"]), st.sampled_from([0.5, 1.0, 2.5]), min_size=1
    ),
    st.integers(30, 90),
)
def test_the_run_of_sentences_that_scores_best_is_shown(
    said: list[list[str]], weights: dict[str, float], length: int
) -> None:
    text = " ".join(" ".join(words).capitalize() + "." for words in said)
    runs = scored_runs(text, weights, length)
    found = snippet(text, weights, length=length)
    assert bool(found.marks) == bool(runs)
    if runs:
        assert runs[found.passages[0]] == pytest.approx(max(runs.values()))


@given(TEXTS, st.integers(1, 100), st.sampled_from(["text", "html", "ansi", None]))
def test_a_line_is_the_passage_as_it_is_rendered(
    text: str, length: int, format: snippets.Format | None
) -> None:
    phrases: Phrases = {("quận", "ủy"): 2.0, ("phòng", "19"): 0.5}
    for sought in (Sought({"phòng": 1.5, "quận": 2.0, "19": 0.25}, phrases), Sought({}, phrases)):
        found = sought.snippet(Text(text), length=length)
        expected = render(found, text, format) if found.marks else None
        assert sought.line(Text(text), format, length=length) == expected


def test_a_line_of_a_huge_text_is_its_first_piece_that_matches() -> None:
    text = "một hai ba. " * 12_000 + "Ở đây có sông. " + "bốn năm. " * 9_000 + "Và sông nữa."
    sought = Sought({"sông": 1.0})
    line = sought.line(Text(text), length=40)
    assert line == render(sought.snippet(Text(text), length=40), text)
    assert "Ở đây có «sông»." in (line or "")
    assert Sought({"biển": 1.0}).line(Text(text)) is None
    with pytest.raises(ValueError, match="length"):
        sought.line(Text(text), length=0)
    with pytest.raises(ValueError, match="no such snippet format"):
        sought.line(Text(text), "pdf")  # type: ignore[arg-type]


@given(TEXTS, st.integers(5, 100), st.booleans())
def test_the_kernel_interpreted_says_the_same(
    slow_kernel: ModuleType, text: str, length: int, with_phrases: bool
) -> None:
    vocabulary = Vocabulary()
    located = vocabulary.locate(text)
    answers = []
    for kernel in (snippet_kernel, slow_kernel):
        wanted = kernel.Wanted()
        for term, weight in (("phòng", 1.5), ("quận", 2.0), ("19", 0.25)):
            wanted.add_term(vocabulary.add(term), weight)
        for phrase in (("quận", "ủy"), ("quận", "ủy", "phòng")) if with_phrases else ():
            wanted.add_phrase([vocabulary.add(term) for term in phrase], 3.0)
            either = frozenset(map(vocabulary.add, phrase))
            wanted.add_phrase([vocabulary.add("quận"), either], 1.0)
            wanted.add_phrase([either, vocabulary.add("19")], 1.0)
        read = kernel.Sentences(text, *located)
        answer = [read.spans(), read.cuts(length // 3, length)]
        for sought in (wanted, wanted.without({0})):
            found = kernel.Matches(read, sought)
            answer += [len(found), found.keys(0, len(text)), found.marks(length // 3, length)]
            if len(found):
                answer.append(found.best(length, 0.1))
            style = ("<b>", "</b>", with_phrases, not with_phrases)
            answer.append(found.line(0, length, *style))
            cut: list[object] = []

            def fit(
                _: object, best: tuple[int, ...], length: int, cut: list[object] = cut
            ) -> tuple[int, int]:
                cut.append(best)
                return best[0], best[0] + length

            answer.append(kernel.best_lines([read, None], sought, length, 0.1, fit, *style))
            answer.append(cut)
            found.drop(5, length)
            answer += [len(found), found.marks(0, len(text))]
        answers.append(answer)
    assert answers[0] == answers[1]


@given(TEXTS | st.text(max_size=80))
def test_an_outline_says_where_the_sentences_are(slow_kernel: ModuleType, text: str) -> None:
    _, starts, _ = Vocabulary().locate(text)
    data = text.encode()
    stored = snippet_kernel.outline(text, starts)
    assert slow_kernel.outline(text, starts) == stored
    for kernel in (snippet_kernel, slow_kernel):
        found = kernel.Outline(data, stored + b"behind")
        assert found.stored_size() == len(stored)
        spans = sentence_spans(text)
        assert len(found) == len(spans)
        for number, (start, end) in enumerate(spans):
            low, high = found.span(number, number + 1)
            assert data[low:high].decode() == text[start:end]
            inside = [token for token in starts if start <= token < end]
            assert found.tokens(number, number + 1) == len(inside)
        with pytest.raises(IndexError):
            found.span(0, len(spans) + 1)


@given(
    st.lists(TEXTS, min_size=1, max_size=4),
    st.integers(5, 100),
    st.lists(st.integers(0, 3), max_size=6),
)
def test_sentences_are_chosen_by_positions_as_by_the_text(
    slow_kernel: ModuleType, texts: list[str], length: int, order: list[int]
) -> None:
    vocabulary = Vocabulary()
    located = [vocabulary.locate(text) for text in texts]
    lists: list[Postings] = [[] for _ in range(len(vocabulary))]
    for doc, (numbers, _, _) in enumerate(located):
        for number in sorted(set(numbers)):
            places = [place for place, one in enumerate(numbers) if one == number]
            lists[number].append((doc, places))
    streams = encode(postings, lists, len(texts))
    df = array("I", map(len, lists))
    sought = [(("phòng",), 1.5), (("quận",), 2.0), (("19",), 0.25), (("chống", "dịch"), 3.0)]
    for kernel in (snippet_kernel, slow_kernel):
        wanted = kernel.Wanted()
        occurrences = kernel.Occurrences(
            (slow_kernel if kernel is slow_kernel else postings).PostingLists(
                *streams, df, len(texts)
            )
        )
        for row, weight in sought:
            if len(row) == 1:
                wanted.add_term(vocabulary.add(row[0]), weight)
            else:
                wanted.add_phrase([vocabulary.add(term) for term in row], weight)
            ordinals = [vocabulary.id(term) for term in row]
            occurrences.add([[one] if one < len(lists) else [] for one in ordinals])
        for doc in [*range(len(texts)), *order]:  # also those before
            if doc >= len(texts):
                continue
            text = texts[doc]
            read = kernel.Sentences(text, *located[doc])
            spans = read.spans()
            outline = kernel.Outline(text.encode(), kernel.outline(text, located[doc][1]))

            def part(first: int, stop: int) -> Sentences:
                piece = text[spans[first][0] : spans[stop - 1][1]]  # noqa: B023
                made: Sentences = kernel.Sentences(piece, *vocabulary.locate(piece), False)  # noqa: B023
                return made

            matches = kernel.Matches(read, wanted)
            try:
                found = kernel.best_sentences(outline, wanted, occurrences, doc, length, 0.1, part)
            except ValueError:  # "chống. Dịch"
                first, second = (vocabulary.id(term) for term in ("chống", "dịch"))
                assert any(
                    pair == (first, second) and any(at < start <= to for start, _ in spans)
                    for pair, at, to in zip(
                        pairwise(located[doc][0]),
                        located[doc][1],
                        located[doc][1][1:],
                        strict=False,
                    )
                )
                continue
            if not len(matches):
                assert found is None
            else:
                start, end, _, _ = matches.best(min(length, len(text)), 0.1)
                assert (spans[found[0]][0], spans[found[1] - 1][1]) == (start, end)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_an_outline_of_anything_is_one_or_a_value_error(
    slow_kernel: ModuleType, data: bytes, stored: bytes
) -> None:
    answers: list[object] = []
    for kernel in (snippet_kernel, slow_kernel):
        try:
            found = kernel.Outline(data, stored)
        except ValueError as error:
            answers.append(str(error))
            continue
        spans = [found.span(0, stop + 1) for stop in range(len(found))]
        assert all(0 <= low <= high <= len(data) for low, high in spans)
        answers.append((len(found), found.stored_size(), spans))
    assert answers[0] == answers[1]


@given(st.lists(st.integers(0, 1 << 20), max_size=400, unique=True), st.integers(1, 3))
def test_many_terms_are_found_each_under_its_key(numbers: list[int], step: int) -> None:
    wanted = snippet_kernel.Wanted()
    for number in numbers[::step]:
        wanted.add_term(number, 1.0)
    text = "a " * len(numbers)
    starts = array("i", range(0, len(text), 2))
    ends = array("i", range(1, len(text) + 1, 2))
    read = Sentences(text, array("i", numbers), starts, ends)
    found = snippet_kernel.Matches(read, wanted)
    sought = range(0, len(numbers), step)
    assert len(found) == len(sought)
    for key, at in enumerate(sought):
        assert found.keys(2 * at, 2 * at + 1) == {key}


# -- judged ------------------------------------------------------------------------------------

# (seed, query, how the sentence a person would show begins or what it contains)
JUDGED = [
    ("000", "phòng chống dịch quận lê chân", "Thường trực Quận ủy Lê Chân tổ chức cuộc họp"),
    ("000", "phát khẩu trang miễn phí cho người dân", "phát khẩu trang miễn phí"),
    ("000", "ai chủ trì cuộc họp", "chủ trì cuộc họp"),
    ("000", "họp trực tuyến với các địa phương", "phương án họp trực tuyến"),
    ("000", "đường dây nóng của quận phường", "cần có đường dây nóng"),
    ("001", "quận lê chân chỉ đạo phòng chống dịch covid 19 mức độ cao nhất", "ở mức độ cao nhất"),
    ("001", "toàn quận đã tiêm bao nhiêu mũi", "Toàn quận đã tiêm được 319.035 mũi"),
    ("001", "dạy và học trực tuyến học sinh f0 f1", "bố trí dạy và học trực tuyến"),
    ("001", "thông điệp 5k bộ y tế", "thông điệp 5K của Bộ Y tế"),
    ("001", "giao nhận quân năm 2022", "giao, nhận quân năm 2022"),
    ("001", "bảo quản vắc xin đúng quy định", "bảo quản vắc xin đúng quy định"),
    ("002", "kiến an bao nhiêu ca dương tính", "26 ca dương tính"),
    ("002", "tiêm vắc xin cho học sinh từ 12 đến 18 tuổi", "9.408 học sinh"),
    ("002", "thành lập trạm y tế lưu động", "thành lập các Trạm y tế lưu động"),
    ("002", "trường đại học hải phòng xét nghiệm sinh viên", "giáo viên và sinh viên của Trường"),
    ("002", "phong tỏa bao nhiêu hộ gia đình", "378 hộ gia đình"),
    ("003", "lập nhóm zalo tổ trưởng", "thành lập Zalo nhóm"),
    ("003", "phần quà cho mỗi tổ trưởng", "mỗi Tổ trưởng 01 phần quà"),
    ("003", "bí thư đảng ủy phường 3", "Bí thư Đảng ủy phường"),
    ("004", "cách ly y tế ngõ 201 phùng khoang", "ngõ 201 Phùng Khoang"),
    ("004", "phương châm 4 tại chỗ", 'phương châm "4 tại chỗ”'),
    ("004", "chặt ngoài lỏng trong", "chặt ngoài, lỏng trong"),
    ("004", "quan tâm sinh viên thuê trọ khó khăn", "sinh viên thuê trọ"),
    ("000", "bí thư quận ủy lê chân là ai", "Lê Trung Kiên"),
    ("000", "biện pháp khi tiếp xúc với bệnh nhân dương tính", "khoanh vùng tạm thời"),
    ("001", "số ca f0 f1 f2 của quận", "8.646 F0"),
    ("001", "trẻ từ 12 đến 17 tuổi tiêm được bao nhiêu", "36.753 trường hợp"),
    ("001", "đồng chí nào chủ trì cuộc họp ban chỉ đạo", "Trần Thu Hương"),
    ("002", "đã truy vết bao nhiêu f1 f2", "840 F1"),
    ("002", "dạy học trực tuyến phòng giáo dục đào tạo", "việc học trực tuyến"),
    ("002", "kinh phí cho trạm y tế", "kinh phí cho các Trạm Y tế"),
    ("003", "quà tặng trị giá bao nhiêu tiền", "350 nghìn"),
    ("003", "buổi gặp gỡ diễn ra ở đâu ngày nào", "tại hội trường UBND phường 3"),
    ("004", "ai làm trưởng đoàn kiểm tra", "làm trưởng đoàn"),
    ("004", "quy định 5k của bộ y tế", "quy định 5K"),
    ("004", "tặng quà người dân bị ảnh hưởng bởi dịch", "quà cho người dân bị ảnh hưởng"),
    ("004", "giáp ranh các quận huyện có ổ dịch lớn", "giáp ranh"),
]


def test_the_passage_is_the_one_a_person_would_choose() -> None:
    bodies = {
        path.name[:3]: path.read_text("utf-8").partition("\n")[2] for path in SEEDS.glob("*.txt")
    }
    paragraphs = [set(spans(line)[2]) for body in bodies.values() for line in body.splitlines()]
    seen_in = Counter(token for tokens in paragraphs for token in tokens)
    right = []
    for seed, query, wanted in JUDGED:
        weights = {
            token: math.log(1 + (len(paragraphs) - seen_in[token] + 0.5) / (seen_in[token] + 0.5))
            for token in spans(query)[2]
        }
        body = bodies[seed]
        result = render(snippet(body, weights), body, None)
        right.append(wanted in result)
        if not right[-1]:
            print(f"{seed} {query!r}: {result}")
    assert sum(right) / len(JUDGED) >= 0.9, f"{sum(right)} of {len(JUDGED)}"
