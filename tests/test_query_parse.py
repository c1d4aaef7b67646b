"""The query language: what each spelling means, and that nothing a person types fails."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vnsearch.errors import QueryError
from vnsearch.query import ast
from vnsearch.query.parse import MAX_DEPTH, _Parser, parse
from vnsearch.schema import ARTICLE_SCHEMA, Boolean, Number, Schema, Stored

SCHEMA = Schema({**ARTICLE_SCHEMA, "views": Number(), "free": Boolean(), "raw": Stored()})


def read(query: str, strict: bool = False) -> ast.Node:
    return parse(query, kinds=SCHEMA, strict=strict)


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("", ""),
        ("giá vàng hôm nay", "giá vàng hôm nay"),
        # phrases
        ('"giá vàng" sjc', '"giá vàng" sjc'),
        ("“giá vàng” «hôm nay» „x y“", '"giá vàng" "hôm nay" "x y"'),
        ('"giá vàng"~3', '"giá vàng"~3'),
        ('"giá vàng"~3^2', '"giá vàng"~3^2'),
        ('màn hình 15" mới', "màn hình 15 mới"),
        # signs
        ("vàng -sjc", "vàng -sjc"),
        ('vàng -"sjc hôm nay"', 'vàng -"sjc hôm nay"'),
        ("vàng -covid-19", 'vàng -"covid 19"'),
        ("vàng NOT sjc", "vàng -sjc"),
        ("vàng -title:sjc", "vàng -title:sjc"),
        ("vàng -(sjc bạc)", "vàng -(sjc bạc)"),
        ("+vàng sjc", "+vàng sjc"),
        ("hà-nội", "hà nội"),
        ("hà - nội", "hà nội"),
        ("-vàng", "* -vàng"),
        ("+*", "*"),
        ("+(*)", "*"),
        ("vàng +*", "vàng"),
        ("+* -vàng", "* -vàng"),
        ("-*", ""),
        ("tiêm kích F -35", "tiêm kích f 35"),
        ("F -35 -sjc", "f 35 -sjc"),
        ("+84 912", "84 912"),
        ("f NOT 35", "f -(35)"),
        ("vàng (-sjc)", "vàng -sjc"),
        # operators
        ("giá vàng OR giá bạc", "giá vàng OR giá bạc"),
        ("a AND b OR c && d || e", "a AND b OR c AND d OR e"),
        ("a AND (b OR c)", "a AND (b OR c)"),
        ("a AND NOT b", "a AND -b"),
        ("NOT a AND NOT b", "* AND -a AND -b"),
        ("a OR -b", "a OR * -b"),
        ("tôi or bạn and not", "tôi or bạn and not"),
        ("OR", "or"),
        ("AND giá", "and giá"),
        ("giá vàng OR", "giá vàng or"),
        ("giá OR OR vàng", "giá or OR vàng"),
        ("NOT NOT a", "not -a"),
        # brackets
        ("Bộ Y tế (2021) công bố", "bộ y tế 2021 công bố"),
        ("a) b (c", "a b c"),
        ("()", ""),
        # fields
        ("title:giá vàng", "title:giá vàng"),
        ('title:"giá vàng"', 'title:"giá vàng"'),
        ("title:(giá OR vàng)", "title:(giá OR vàng)"),
        ("title:(giá body:vàng)", "title:(giá body:vàng)"),
        ("title:(body:vàng)", "body:vàng"),
        ("TP.HCM: giá vàng", "tp hcm giá vàng"),
        ("lạ:giá", "lạ giá"),
        ("title: giá", "title giá"),
        ("title:", "title"),
        ("title:*", "title:*"),
        ("raw:x", "raw x"),
        ('section:"Thời sự"', 'section:"Thời sự"'),
        ("source:vnexpress.net", 'source:"vnexpress.net"'),
        ("tags:(a OR b)", 'tags:("a" OR "b")'),
        ("free:TRUE", "free:true"),
        ("free:có", "free có"),
        # prefixes, fuzzy words, boosts
        ("kinh* tế", "kinh* tế"),
        ("tags:Kinh*", "tags:Kinh*"),
        ("covid-1*", "covid AND 1*"),
        ("**kinh**", "kinh"),
        ("*", "*"),
        ("a * b", "a b"),
        ("***", ""),
        ("NOT *", ""),
        ("giá -(*)^2", "giá"),
        ("vàng~ vàng~1 vàng~2", "vàng~1 vàng~1 vàng~2"),
        ("vàng~7", "vàng~2"),
        ("giá vàng^2 (a b)^1.5", "giá vàng^2 (a b)^1.5"),
        ("(vàng^2)^3", "vàng^6"),
        ("title:vàng^2", "title:vàng^2"),
        # ranges
        ("published:2021", "published:[2021-01-01 TO 2022-01-01}"),
        ("published:2021-12", "published:[2021-12-01 TO 2022-01-01}"),
        ("published:03/2021", "published:[2021-03-01 TO 2021-04-01}"),
        ("published:12/03/2020", "published:[2020-03-12 TO 2020-03-13}"),
        ("published:[2021-01-01 TO 2021-12-31]", "published:[2021-01-01 TO 2022-01-01}"),
        ("published:{2020 TO 2022}", "published:[2021-01-01 TO 2022-01-01}"),
        ("published:[* TO 2022}", "published:[* TO 2022-01-01}"),
        ("published:[* TO *]", "published:*"),
        ("published:>2021", "published:[2022-01-01 TO *]"),
        ("published>=2021", "published:[2021-01-01 TO *]"),
        ("published>=2021^2", "published:[2021-01-01 TO *]^2"),
        ("published:<=1/2/2021", "published:[* TO 2021-02-02}"),
        (
            "published:2021-03-05T10:30",
            "published:[2021-03-05T10:30:00 TO 2021-03-05T10:31:00}",
        ),
        ("published:9999", "published:[9999-01-01 TO 9999-12-31T23:59:59.999999}"),
        (
            "published:(2021 OR [2023 TO 2024])",
            "published:([2021-01-01 TO 2022-01-01} OR [2023-01-01 TO 2025-01-01})",
        ),
        ("published:31/02/2021", "published 31 2 2021"),
        ("views:[10 TO 20.5}", "views:[10 TO 20.5}"),
        ("views:>-3", "views:{-3 TO *]"),
        ("views:1,5", "views:[1.5 TO 1.5]"),
        ("views:nan", "views nan"),
        ("title:[a TO b]", "title a to b"),
    ],
)
def test_meaning(query: str, meaning: str) -> None:
    assert str(read(query)) == meaning
    assert str(read(meaning)) == meaning


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("giá lạ:vàng", 4),
        ("giá title:", 4),
        ('giá "vàng', 4),
        ("giá (vàng", 4),
        ("giá vàng)", 8),
        ("giá ()", 4),
        ("giá OR", 4),
        ("AND giá", 0),
        ("giá NOT", 4),
        ("giá NOT -vàng", 8),
        ("published:abc", 10),
        ("published:[2021 TO abc]", 19),
        ("published:[2021", 10),
        ("views:>abc", 7),
        ("views:" + "9" * 400, 6),
        ("free:có", 5),
        ("raw:x", 0),
        ("title:[a TO b]", 6),
        ("vàng~3", 4),
        ("(" * (MAX_DEPTH + 1) + "a", MAX_DEPTH),
    ],
)
def test_strict_points_at_the_character(query: str, position: int) -> None:
    with pytest.raises(QueryError) as caught:
        read(query, strict=True)
    assert caught.value.position == position
    assert caught.value.query == query
    assert f"character {position + 1}" in str(caught.value)


def test_nodes() -> None:
    node = read('giá vàng -"hôm nay" published:2021')
    assert isinstance(node, ast.Group)
    terms, excluded, when = node.nodes
    assert isinstance(terms, ast.Terms)
    assert [token.text for token in terms.tokens] == ["giá", "vàng"]
    assert isinstance(excluded, ast.Not)
    assert isinstance(excluded.node, ast.Phrase)
    assert isinstance(when, ast.Field)
    assert isinstance(when.node, ast.Range)
    assert ast.walk(node)[0] is node
    assert len(ast.walk(node)) == 6


def test_spans_are_in_the_query_as_typed() -> None:
    query = '  Giá (VÀNG)  -x "Hôm  Nay" title:sjc te* fu~'
    found = {}
    for node in ast.walk(read(query)):
        if isinstance(node, ast.Terms | ast.Phrase):
            for token in node.tokens:
                found[token.text] = query[token.start : token.end]
        elif isinstance(node, ast.Prefix | ast.Fuzzy):
            found[str(node)] = query[node.start : node.end]
    assert found == {
        "giá": "Giá",
        "vàng": "VÀNG",
        "x": "x",
        "hôm": "Hôm",
        "nay": "Nay",
        "sjc": "sjc",
        "te*": "te*",
        "fu~1": "fu~",
    }


def test_fields_narrows_the_names_understood() -> None:
    assert str(parse("title:a body:b", fields=["title"], kinds=SCHEMA)) == "title:a body b"
    assert str(parse("lead:a", fields=["lead"])) == "lead:a"
    assert str(parse("title:a")) == "title a"


def test_bytes_are_refused() -> None:
    with pytest.raises(TypeError, match="str"):
        parse(b"gi\xc3\xa1")  # type: ignore[arg-type]


PIECES = st.sampled_from(
    [
        *'"“”«»()[]{}+-*~^:\\/ \t\n',
        *(" AND ", " OR ", " NOT ", "&&", "||", " TO ", ">=", "*]", "~2", "^3"),
        *("title:", "published:", "views:", "tags:", "free:", "2021", "12/03/2021"),
        *("giá", "vàng", "covid-19", "C++", "😀", "مرحبا", "\x00", "\ud800", "\u200d", "a\u0301"),
    ]
)
QUERIES = st.lists(PIECES | st.text(max_size=4), max_size=40).map("".join)


@example(" NOT \U0003134b")  # an ideograph that Python 3.11 does not know
@settings(max_examples=400)
@given(QUERIES)
def test_whatever_is_typed_is_a_query(query: str) -> None:
    node = read(query)
    written = str(node)
    assert str(read(written)) == written
    for below in ast.walk(node):
        assert isinstance(below, ast.Node)
        for child in below.children:
            assert not isinstance(child, ast.Nothing)
            if isinstance(child, ast.Not):
                assert isinstance(below, ast.And | ast.Group)
                assert not all(isinstance(other, ast.Not) for other in below.children)
            if isinstance(child, ast.Require):
                assert isinstance(below, ast.Group)


@settings(max_examples=300)
@given(QUERIES)
def test_strict_either_agrees_or_points_into_the_text(query: str) -> None:
    try:
        node: ast.Node | None = read(query, strict=True)
        position = 0
    except QueryError as error:
        node = None
        position = error.position
    assert position == 0 or 0 <= position < len(query)
    assert node is None or node == read(query)


@pytest.mark.parametrize(
    "piece",
    [
        *("a ", "-", "-a ", "(", ")", '"', '" ', "“ ", "«", '"a" ', "NOT ", "OR ", "a&&"),
        *("title:", "title:(", "-(", "published:[", "views:[1 TO ", "*", "~", "^1", "a^"),
        *("😀", "\u202e", "\x00", "\n"),
    ],
)
def test_long_queries(piece: str) -> None:
    query = (piece * 20_000)[:20_000]
    str(read(query))
    assert read(query) == read(query)


def test_a_hundred_thousand_characters() -> None:
    query = ('giá "vàng" (hôm OR nay) -sjc title:x ' * 3_000)[:100_000]
    assert isinstance(read(query), ast.Group)


_PIECES = [
    "giá",
    "vàng",
    "AND",
    "OR",
    "NOT",
    "&&",
    "||",
    "-",
    "+",
    "-x",
    "+y",
    "(",
    ")",
    '"',
    "“",
    "”",
    "«",
    "»",
    "*",
    "a*",
    "b~",
    "c~2",
    "title:",
    "title:x",
    "views>3",
    "^2",
    "a^2",
    "covid-19",
    "C++",
    "C#",
    "&",
    "|",
    "[",
    "]",
    "{",
    "}",
    "=",
    "<",
    ">",
    ":",
    "http://a.b",
    "a@b.vn",
    "—",
    "…",
    "'",
    "!",
    "NOTE",
    "ORD",
    "AND?",
    "北京",
    "😀",
    '15"',
    "-5",
]


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(_PIECES), st.sampled_from(["", " ", "  ", "\u00a0"]))))
def test_plain_words_take_the_same_way_as_all_others(pieces: list[tuple[str, str]]) -> None:
    query = "".join(map("".join, pieces))
    found, expected = read(query), _Parser(query, SCHEMA, False).parse()
    assert found == expected
    if isinstance(found, ast.Terms) and isinstance(expected, ast.Terms):
        assert found.tokens == expected.tokens
        assert (found.start, found.end) == (expected.start, expected.end)


class _OneByOne(_Parser):
    """Reads every word by itself."""

    def _words(self) -> bool:
        return False


_MISFITS = ["NOT", "ANDS", "&", "«", "»", "a&b", "3:2", "views>3", "views:", "NOT(", "(OR", "[1"]


@settings(max_examples=300)
@given(
    pieces=st.lists(
        st.tuples(st.sampled_from([*_PIECES, *_MISFITS]), st.sampled_from(["", " ", "  ", "\x1c"]))
    ),
    strict=st.booleans(),
)
def test_words_in_a_row_are_read_as_one_by_one(pieces: list[tuple[str, str]], strict: bool) -> None:
    query = "".join(map("".join, pieces))
    said = []
    for reader in (_Parser, _OneByOne):
        try:
            said.append(repr(reader(query, SCHEMA, strict).parse()))
        except QueryError as error:
            said.append(repr((str(error), error.position)))
    assert said[0] == said[1]


@settings(max_examples=300)
@given(
    inside=st.lists(
        st.tuples(st.sampled_from([*_PIECES, *_MISFITS, "“", "”"]), st.sampled_from(["", " "]))
    ),
    around=st.tuples(*[st.sampled_from(["", " ", "\n"])] * 2),
    strict=st.booleans(),
)
def test_one_quotation_is_read_as_any_other(
    inside: list[tuple[str, str]], around: tuple[str, str], strict: bool
) -> None:
    query = around[0] + '"' + "".join(map("".join, inside)) + '"' + around[1]
    said = []
    for read_by in (parse, lambda query, kinds, strict: _Parser(query, kinds, strict).parse()):
        try:
            said.append(repr(read_by(query, kinds=SCHEMA, strict=strict)))
        except QueryError as error:
            said.append(repr((str(error), error.position)))
    assert said[0] == said[1]
