"""Phrases, prefixes, fuzzy words and snippets understand every way of typing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import vnsearch

ARTICLES = {
    "dich": "Công tác phòng chống dịch bệnh ở quận Lê Chân được đánh giá cao trong tháng này.",
    "hall": "Phòng họp của quận chống thấm, dịch vụ vệ sinh bệnh viện.",
    "rail": "Tàu hỏa chạy trên đường sắt Bắc Nam mỗi ngày, đường sắt đô thị sắp xong.",
    "road": "Giá đường ăn tăng, sắt thép cũng tăng giá mạnh.",
    "plain": "Cong tac phong chong dich o quan Le Chan khong dau, viet tu dien thoai cu.",
    "old": "Hoà bình và hoà giải, thuỷ lợi ở tỉnh Hoà Bình cần vốn.",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[vnsearch.Index]:
    folder: Path = tmp_path_factory.mktemp("variants") / "index"
    with vnsearch.create_index(folder, vnsearch.Schema(body=vnsearch.Text())) as made:
        made.add({"id": name, "body": body} for name, body in ARTICLES.items())
        yield made


@pytest.mark.parametrize(
    ("query", "found", "marked"),
    [
        # phrases
        ('"phòng chống dịch"', {"dich", "plain"}, "«phòng chống dịch»"),
        ('"phong chong dich"', {"dich", "plain"}, "«phong chong dich»"),
        ('"PHONG CHONG DICH"', {"dich", "plain"}, "«phòng chống dịch»"),
        ('"phòng chóng dịch"', {"dich", "plain"}, "«phòng chống dịch»"),
        ('"phofng choosng dijch"', {"dich", "plain"}, "«phòng chống dịch»"),
        ('"pho2ng cho61ng di5ch"', {"dich", "plain"}, "«phòng chống dịch»"),
        ('"duong sat"', {"rail"}, "«đường sắt»"),
        ('"dduwowngf sawts"', {"rail"}, "«đường sắt»"),
        ('"hòa bình"', {"old"}, "«Hoà bình»"),
        ('"hoa binh"', {"old"}, "«Hoà bình»"),
        ('"thủy lợi"', {"old"}, "«thuỷ lợi»"),
        ('"phong dich"~2', {"dich", "plain"}, "«phong» chong «dich»"),
        ('dich -"phong chong"', {"hall"}, "«dịch»"),
        # prefixes
        ("phong*", {"dich", "hall", "plain"}, "«phòng»"),
        ("phòng*", {"dich", "hall", "plain"}, "«phòng»"),
        ("duon*", {"rail", "road"}, "«đường»"),
        ("đươn*", {"rail", "road"}, "«đường»"),
        ("đướn*", set(), None),
        ("thu*", {"old"}, "«thuỷ»"),
        ("phofng*", {"dich", "hall", "plain"}, "«phòng»"),  # keys, where nothing begins so
        ("pho2ng*", {"dich", "hall", "plain"}, "«phòng»"),
        ("phong2*", {"dich", "hall", "plain"}, "«phòng»"),
        ("PHOFNG*", {"dich", "hall", "plain"}, "«phòng»"),
        ("dduow*", {"dich", "rail", "road"}, "«đường»"),
        ("d9u7o7ng2*", {"rail", "road"}, "«đường»"),
        ("dd*", {"dich", "plain", "rail", "road"}, "«đánh»"),
        ("body:suwats*", set(), None),  # as it stands where nothing begins with what it spells
        ("vie*", {"hall", "plain"}, "«viện»"),
        ("die*", {"plain"}, "«dien»"),
        ("hop AND phofng*", {"hall"}, "«Phòng»"),
        ("giá -phofng*", {"road"}, "«Giá»"),
        # near words
        ("đưởng~", {"rail", "road"}, "«đường»"),
        ("đườg~", {"rail", "road"}, "«đường»"),
        ("duong~", {"rail", "road"}, "«đường»"),
        ("duogn~", {"rail", "road"}, "«đường»"),
        ("duonf~", {"rail", "road"}, "«đường»"),
    ],
)
def test_found_and_marked(
    index: vnsearch.Index, query: str, found: set[str], marked: str | None
) -> None:
    hits = index.search(query).hits
    assert {hit.id for hit in hits} == found
    if marked is not None:
        assert any(marked in hit.snippet for hit in hits), [hit.snippet for hit in hits]


def test_a_phrase_of_several_spellings_is_marked_where_it_stands(tmp_path: Path) -> None:
    texts = {
        "cradle": "Cánh cò bay lả bay la, bay từ cửa phủ bay ra đồng là nhà.",
        "city": "Nha Trang đón khách; ở nhà trang điểm, nhà nào trắng thì ở.",
        "house": "Nhà Trắng công bố danh sách, trắng đêm ở nhà.",
    }
    with vnsearch.create_index(tmp_path / "index") as made:
        made.add({"id": name, "body": body} for name, body in texts.items())
        lines = {hit.id: hit.snippet for hit in made.search('"bay la bay la"')}
        assert lines == {"cradle": "Cánh cò «bay lả bay la», bay từ cửa phủ bay ra đồng là nhà."}
        lines = {hit.id: hit.snippet for hit in made.search('"nha trang"')}
        assert lines["house"] == "«Nhà Trắng» công bố danh sách, trắng đêm ở nhà."
        # "nhà trang" is between the two readings; what stands apart is not the phrase
        assert lines["city"] == "«Nha Trang» đón khách; ở «nhà trang» điểm, nhà nào trắng thì ở."


def test_a_phrase_stands_without_marks_in_texts_that_have_none(tmp_path: Path) -> None:
    texts = {
        "plain": "hom qua bong da viet nam thang, ong pho noi the",
        "names": "Tiệm bong da ở Hà Nội đóng cửa.",
        "marked": "Bóng đá Việt Nam thắng; ông phó nói.",
    }
    with vnsearch.create_index(tmp_path / "index") as made:
        made.add({"id": name, "body": body} for name, body in texts.items())
        hits = made.search('"bóng đá"').hits
        assert [hit.id for hit in hits] == ["marked", "plain"]
        assert [hit.snippet for hit in hits][1].startswith("hom qua «bong da» viet nam")
        assert all(hit.explain().value == hit.score for hit in hits)
        assert [hit.id for hit in made.search('"bóng nam"~2')] == ["marked", "plain"]
        assert [hit.id for hit in made.search('thắng -"bóng đá"')] == []
        as_typed = vnsearch.Parameters(unmarked_weight=0)
    with vnsearch.open_index(tmp_path / "index", parameters=as_typed) as opened:
        assert [hit.id for hit in opened.search('"bóng đá"')] == ["marked"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"5 000 tỷ"', {"dot", "plain", "space"}),
        ('"5.000 tỷ"', {"dot", "plain"}),  # together it may be the number of something
        ('"TPHCM"', {"joined", "dotted"}),
        ('"TP.HCM"', {"joined", "dotted"}),
        ('"họp ở TP HCM"', {"joined", "dotted"}),
        ('"UBND"', {"joined"}),
        ('"ủy ban nhân dân"', {"dotted"}),
        ('họp -"TPHCM"', set()),
    ],
)
def test_a_phrase_is_the_same_letters_together_or_apart(
    tmp_path: Path, query: str, found: set[str]
) -> None:
    texts = {
        "dot": "Vốn 5.000 tỷ đồng",
        "plain": "Vốn 5000 tỷ đồng",
        "space": "Vốn 5 000 tỷ đồng",
        "joined": "UBND họp ở TPHCM",
        "dotted": "Ủy ban nhân dân họp ở TP.HCM",
    }
    with vnsearch.create_index(tmp_path / "index") as made:
        made.add({"id": name, "body": body} for name, body in texts.items())
        hits = made.search(query).hits
        assert {hit.id for hit in hits} == found
        assert all(hit.explain().value == hit.score for hit in hits)
        assert all("«" in hit.snippet for hit in hits)


def test_a_prefix_stands_without_marks_in_texts_that_have_none(tmp_path: Path) -> None:
    texts = {
        "plain": ("hom qua", "duong sat bac nam va phong cho"),
        "named": ("Đường sắt", "tau ve ga, duong vang"),
        "names": ("Tin", "Ông Duong ở phố Hàng Đào."),
        "marked": ("Tin", "Đường sắt Bắc Nam"),
    }
    schema = vnsearch.Schema(title=vnsearch.Text(), body=vnsearch.Text())
    with vnsearch.create_index(tmp_path / "index", schema) as made:
        for name, (title, body) in texts.items():
            made.add([{"id": name, "title": title, "body": body}])  # a segment each
        for query in ("đườ*", "đươn*", "dduwow*"):
            found = made.search(query)
            assert [hit.id for hit in found.hits] == ["named", "marked", "plain"]
            assert found.total == 3
            assert all(hit.explain().value == hit.score for hit in found.hits)
            assert found.hits[2].snippet == "«duong» sat bac nam va phong cho"
        alone = made.search("body:đườ*")
        assert [hit.id for hit in alone.hits] == ["marked", "plain", "named"]
        assert [hit.id for hit in made.search("+đườ* vang").hits] == ["named", "marked", "plain"]
        assert [hit.id for hit in made.search("tin -đườ*").hits] == ["names"]
        assert [hit.id for hit in made.search("hôm AND đườ*").hits] == ["plain"]
        as_typed = vnsearch.Parameters(unmarked_weight=0)
    with vnsearch.open_index(tmp_path / "index", parameters=as_typed) as opened:
        assert [hit.id for hit in opened.search("đườ*").hits] == ["named", "marked"]


def test_pairs_count_without_marks_in_texts_that_have_none(tmp_path: Path) -> None:
    texts = {
        "plain": "can thu hoi giay phep lai xe cua tai xe nay",
        "scattered": "phep la thu giay to hoi xe lai nay cua can",
        "marked": "Giấy phép lái xe hạng A1 cấp cho người đi xe máy",
        "other": "Người lái xe đội mũ, xin phép nghỉ, giấy báo thu tiền hồi tháng ba",
    }
    with vnsearch.create_index(tmp_path / "index") as made:
        made.add({"id": name, "body": body} for name, body in texts.items())
        for query in ("thu hồi giấy phép lái xe", "thu hooif giaays pheps lais xe"):
            hits = made.search(query).hits
            assert hits[0].id == "plain"
            assert all(hit.explain().value == hit.score for hit in hits)
        scores = {hit.id: hit.score for hit in made.search("thu hồi giấy phép")}
        assert scores["plain"] > scores["scattered"]


@pytest.mark.parametrize(
    "query",
    [
        "bóng đá việt nam",
        "bongs ddas vieetj nam",
        "bo1ng d9a1 vie65t nam",
        "boongs ddas",
        '"bóng đá"',
    ],
)
def test_keys_are_read_where_the_texts_have_no_marks(tmp_path: Path, query: str) -> None:
    with vnsearch.create_index(tmp_path / "index") as made:
        made.add(
            [
                {"id": "wanted", "body": "hom qua bong da viet nam thang"},
                {"id": "other", "body": "hom nay nam nghi o nha"},
            ]
        )
        assert made.search(query)[0].id == "wanted"


def test_a_text_without_marks_is_marked_beside_an_exact_word(tmp_path: Path) -> None:
    with vnsearch.create_index(tmp_path / "index") as made:
        made.add(
            [
                {"id": "plain", "body": "hom qua bong da viet nam thang – 2-1"},
                {
                    "id": "marked",
                    "body": "Bóng đá Việt Nam, hom qua bong toi: có chuyện da mặt.",
                },
            ]
        )
        lines = {hit.id: hit.snippet for hit in made.search("bóng đá việt nam")}
        assert lines["plain"] == "hom qua «bong» «da» «viet» «nam» thang – 2-1"
        assert "«Bóng» «đá» «Việt» «Nam», hom qua bong toi" in lines["marked"]
