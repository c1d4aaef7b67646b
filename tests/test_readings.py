"""A search term typed without marks that may be read in several ways: all of them on one page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from text_statistics import TextStatistics

import vnsearch
from vnsearch.query.understand import understand
from vnsearch.text import fold

WHITE_HOUSE = "Nhà Trắng họp báo. Người phát ngôn Nhà Trắng xác nhận tin của tổng thống hôm {}."
BEACH = "Du khách tới Nha Trang tắm biển. Thành phố Nha Trang đón khách dịp lễ thứ {}."
OTHER = "Ngôi nhà gần trang trại số {} sơn màu xanh, trồng rau và nuôi gà."


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[vnsearch.Index]:
    """News with one reading four times as frequent as the other, in two segments."""
    texts = [(f"w{n}", "politics", WHITE_HOUSE.format(n)) for n in range(40)]
    texts += [(f"b{n}", "travel", BEACH.format(n)) for n in range(10)]
    texts += [(f"o{n}", "travel", OTHER.format(n)) for n in range(30)]
    documents = [
        {"id": name, "section": section, "body": body + " Tin nói thêm." * (int(name[1:]) % 13)}
        for name, section, body in texts
    ]
    path = tmp_path_factory.mktemp("readings") / "index"
    with vnsearch.create_index(path) as made:
        made.add(documents[::2])
        made.add(documents[1::2])
        yield made


def ids(results: vnsearch.Results) -> list[str]:
    return [hit.id for hit in results]


def test_every_reading_has_a_place_on_the_page(index: vnsearch.Index) -> None:
    read = index.understand("nha trang")
    shares = {one.text: share for share, one in read.readings()}
    assert shares.keys() >= {"nhà trắng", "nha trang"}
    likeliest, other = ("w", "b") if read.text == "nhà trắng" else ("b", "w")
    page = ids(index.search("nha trang"))
    assert page[0][0] == likeliest
    assert sum(name[0] == likeliest for name in page) >= 2
    assert sum(name[0] == other for name in page) >= 2


def test_the_likeliest_reading_scores_as_if_typed_with_its_marks(index: vnsearch.Index) -> None:
    first = index.search("nha trang")[0]
    marked = index.search(index.understand("nha trang").text, understand="off")[0]
    assert (first.id, first.score) == (marked.id, marked.score)


def test_a_page_of_readings_is_in_the_order_of_scores(index: vnsearch.Index) -> None:
    results = index.search("nha trang", limit=1000)
    keys = [hit.score for hit in results]
    assert keys == sorted(keys, reverse=True)
    assert len(set(ids(results))) == len(results) == results.total == 80


@pytest.mark.parametrize("size", [1, 3, 7, 10])
def test_pages_of_readings_follow_one_another(index: vnsearch.Index, size: int) -> None:
    whole = [(hit.id, hit.score) for hit in index.search("nha trang", limit=80)]
    pages = [
        (hit.id, hit.score)
        for offset in range(0, 80, size)
        for hit in index.search("nha trang", limit=size, offset=offset)
    ]
    assert pages == whole


def test_explanations_of_readings_add_up(index: vnsearch.Index) -> None:
    stretched = 0
    everywhere = vnsearch.Parameters(window_share=0)  # all hits are looked at twice
    index = vnsearch.open_index(index.path, parameters=everywhere)
    for hit in index.search("nha trang", limit=80):
        told = hit.explain()
        assert told.value == hit.score
        assert sum(part.value for part in told.parts) == told.value
        assert index.explain("nha trang", hit.id).value == hit.score
        stretched += "read as" in told.render() and "đọc là" in told.render("vi")
    assert stretched >= 10


def test_an_article_is_explained_as_the_page_has_it(index: vnsearch.Index) -> None:
    # by another reading the article may score more, where that looks twice at few
    with vnsearch.open_index(index.path, parameters=vnsearch.Parameters(window=10)) as narrow:
        for query in ("nha trang", "trang nha", "nha gan", "trang trai", "trang tin", "tin nha"):
            for hit in narrow.search(query):
                assert narrow.explain(query, hit.id).value == hit.score


def test_filters_and_operators_hold_for_every_reading(index: vnsearch.Index) -> None:
    travel = index.search("nha trang", where={"section": "travel"}, limit=80)
    assert {name[0] for name in ids(travel)} == {"b", "o"}
    assert ids(travel)[0][0] == "b"
    assert ids(index.search("body:(nha trang)")) == ids(index.search("nha trang", fields=["body"]))
    both = index.search("nha trang", operator="and", limit=80)
    assert len(both) == both.total
    for hit in both:
        assert index.explain("nha trang", hit.id, operator="and").value == hit.score


def test_nothing_is_read_apart_that_is_sure(index: vnsearch.Index) -> None:
    assert index.understand("nhà trắng").readings() == []
    assert index.understand("nha trang", mode="off").readings() == []
    assert index.understand("tong thong phat bieu tai nha trang").readings() == []
    assert ids(index.search("nha trang", limit=0)) == []
    assert ids(index.search("khong co gi", where={"section": "none"})) == []


def test_readings_are_as_probable_as_their_pairs(index: vnsearch.Index) -> None:
    read = index.understand("nha trang")
    pairs = {f"{one.left} {one.right}": one.weight for one in read.pairs[0]}
    for share, one in read.readings():
        assert share == pytest.approx(pairs[one.text])
        assert one.terms == tuple(one.text.split())


@pytest.mark.parametrize("term", ["thuốc", "cua"])
def test_a_lone_word_is_read_as_what_people_look_up(term: str) -> None:
    """What a few texts are about, and not the commoner word that stands everywhere."""
    about = "Cách chọn {0} và dùng {0} sao cho đúng. {0} nào cũng có hạn dùng, nên mua {0} ở chợ."
    common = "Anh thuộc nhóm của họ, nói rằng của ai thì thuộc về người ấy."
    stats = TextStatistics([about.format(term)] * 6 + [common] * 60)
    assert understand(fold(term), stats).text == term


def test_a_glued_word_is_offered_in_every_likely_reading(index: vnsearch.Index) -> None:
    """Where the index holds it as well, as in addresses, it is not replaced but offered beside."""
    index.add({"id": f"m{n}", "body": f"Liên hệ nhatrang số {n}"} for n in range(3))
    [position] = index.understand("nhatrang").positions
    assert position.text == "nhatrang"
    ways = {" ".join(one.terms) for one in index.understand("nhatrang").alternatives}
    assert {"nha trang", "nhà trắng"} <= ways
    index.delete(f"m{n}" for n in range(3))
