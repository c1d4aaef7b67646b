"""Did you mean, and completion."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from text_statistics import TextStatistics

import vnsearch
from vnsearch.query.statistics import Statistics
from vnsearch.query.suggest import _words, complete, did_you_mean

TEXTS = [
    "Phòng chống dịch bệnh, phòng chống thiên tai",
    "Tàu hỏa chạy trên đường sắt, đường sắt đô thị, đường bộ",
    "Sản xuất công nghiệp tăng, ngành công nghiệp ô tô",
    "Chia sẻ kinh nghiệm, xuất sắc nhất, chính trị thế giới",
    "Cristiano Ronaldo ghi bàn, Ronaldo tỏa sáng",
    "Thành phố Hà Nội, thành phố Hải Phòng, thành viên",
    "Xe máy xe đạp xe hơi, xuất khẩu gạo",
    "Nguyễn Văn An và Nguyễn Thị Bình",
] * 3


@pytest.fixture(scope="module")
def stats() -> TextStatistics:
    return TextStatistics(TEXTS)


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("duong sat", "đường sắt"),
        ("phòng chóng dịch", "phòng chống dịch"),
        ("Phòng Chóng dịch", "Phòng Chống dịch"),
        ("xản xuất", "sản xuất"),
        ("san suat", "sản xuất"),
        ("trính trị", "chính trị"),
        ("chia xẻ kinh nghiệm", "chia sẻ kinh nghiệm"),
        ("nghành công nghiệp", "ngành công nghiệp"),
        ("nguyễnn văn an", "nguyễn văn an"),
        ("thàhn phố", "thành phố"),
        ("Cristiano Ronadlo", "Cristiano Ronaldo"),
        ("phòng chống dịch", None),
        ("đường sắt!", None),
        ("qwrtp", None),
        ("a", None),  # any two letters are one away from one
        ("", None),
        ("12345 67", None),
        ("phòng chóng dịch https://phong.vn/nguyenn", "phòng chống dịch https://phong.vn/nguyenn"),
        ("san suat nguyenn@phog.vn", "sản xuất nguyenn@phog.vn"),
        ("www.nguyenn.vn", None),
        ("note that ronaldo", None),
        ("Рональдо", None),
    ],
)
def test_did_you_mean(stats: Statistics, query: str, meant: str | None) -> None:
    assert did_you_mean(query, stats) == meant


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        # a syllable not in the texts is right, unless another stands there beside its neighbour
        ("phạt bao nhiêu", None),
        ("phat bao nhieu", "phạt báo nhieu"),
        ("cách vượt đèn đỏ", None),
        ("cach vuot den do", "cach vượt đèn đỏ"),
        ("phạn tiền", "phạt tiền"),
        ("ban tien", "ban tiền"),
        ("phan tien", "phạt tiền"),
        ("vượt đèn đọ", "vượt đèn đỏ"),
        # two guesses do not speak for each other
        ("Phan Đăng Lưu", None),
        ("ro ri", None),
        # of few letters nothing is known
        ("ip 15", None),
        ("NĐ-CP", None),
        ("do", "đỏ"),
        ("li", None),
        ("thị", "thì"),
        ("then", None),
        ("tiềnn", "tiền"),
        ("nồg độ", "nồng độ"),
        ("nong doo", "nồng độ"),
    ],
)
def test_a_small_collection_offers_no_wild_guesses(query: str, meant: str | None) -> None:
    texts = [
        "Phạt tiền từ 800.000 đồng, vượt đèn đỏ, trở đi",
        "Nồng độ cồn trong hơi thở, báo trước ít nhất 45 ngày, thời hiệu, cá nhân đang sử dụng",
        "Trộm cắp tài sản thì bị phạt tù, trong thời hạn, nếu trở lại, thịt",
    ]
    assert did_you_mean(query, TextStatistics(texts * 2)) == meant


@pytest.mark.parametrize(
    "query", ["sửa máy giặt", "số điện thoại chủ nhà", "chậm", "Phan Đăng Lưu", "sinh nhật Linh"]
)
def test_marks_are_not_taken_away_where_the_texts_have_none(query: str) -> None:
    texts = [
        "co ai biet sua may giat o quan binh thanh khong",
        "ai co so dien thoai chu nha khong",
        "sao mang cham vay troi, goi tho o duong phan dang luu",
        "chuc mung sinh nhat linh nha, cam on",
        "Công việc còn dở dang",
    ]
    assert did_you_mean(query, TextStatistics(texts)) is None


@pytest.mark.parametrize(
    ("prefix", "first"),
    [
        ("duong s", "đường sắt"),
        ("đường s", "đường sắt"),
        ("phong ch", "phòng chống"),
        ("Thanh ph", "Thành phố"),
        ("thanh pho ", "thành phố hà nội"),
        ("thanh pho h", "thành phố hà nội"),
        ("thanh pho hai", "thành phố hải phòng"),
        ("xe m", "xe máy"),
        ("duong", "đường bộ"),
        ("duong sa", "đường sắt"),
        ("cristiano r", "cristiano ronaldo"),
        ("dduwowngf s", "đường sắt"),
        ("xe mays", "xe máy"),  # keys, where nothing begins so
        ("dduw", "đường bộ"),
        ("d9u7o7ng2", "đường bộ"),
        ("THAFNH PHOOS HAF", "THÀNH PHỐ HÀ NỘI"),
        ("ron", "ronaldo tỏa"),
    ],
)
def test_completion(stats: Statistics, prefix: str, first: str) -> None:
    assert complete(prefix, stats)[0].text == first


@pytest.mark.parametrize("prefix", ["ban@x", "đường http://xe", "日", "đường 日", "Ха"])
def test_addresses_and_other_scripts_are_not_completed(prefix: str) -> None:
    stats = TextStatistics([*TEXTS, "xe ri sắt", "Россия"])
    assert complete(prefix, stats) == []
    assert [found.text for found in complete("Рос", stats)] == ["Россия"]


def test_what_is_said_in_another_way_is_right() -> None:
    stats = TextStatistics(["Mưa to ở TP.HCM", "hành khách hộ tống", "phù hợp, chi mình thôi"])
    assert did_you_mean("thành phố hồ chí minh", stats) is None
    assert did_you_mean("phủ hợp", stats) == "phù hợp"


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("NRBV280QSVN", None),
        ("máy d9ak280x", None),
        ("tủ lanh NRBV280QSVN", "tủ lạnh NRBV280QSVN"),
        ("TULANH", "TỦ LẠNH"),
        ("tủu lạnh", "tủ lạnh"),
        ("maý lạnh", "máy lạnh"),
    ],
)
def test_no_piece_of_a_code_is_respelt(query: str, meant: str | None) -> None:
    texts = ["Tủ lạnh NR-BV280QSVN mới, tủ lạnh to", "máy lạnh đắk lắk"] * 5
    assert did_you_mean(query, TextStatistics(texts)) == meant


def test_a_possible_syllable_has_one_slip_at_most() -> None:
    stats = TextStatistics(["thiếu máu thiếu sắt ở phụ nữ"] * 3)
    assert did_you_mean("bầu thiếu sắt", stats) is None  # máu has another letter and other marks
    assert did_you_mean("báu thiếu sắt", stats) == "máu thiếu sắt"
    assert did_you_mean("mảu thiếu sắt", stats) == "máu thiếu sắt"


def test_the_query_itself_is_not_offered(tmp_path: Path) -> None:
    seeds = Path(__file__).parent.parent / "seeds"
    with vnsearch.create_index(tmp_path / "index") as index:
        index.add(vnsearch.read_articles(seeds))
        for query in ("d ch", "d ch covid"):  # read as đ, which is no better
            assert index.understand(query).text != query
            assert index.search(query).did_you_mean is None


def test_a_right_syllable_the_index_lacks_is_not_respelt() -> None:
    stats = TextStatistics(
        ["bị phạt tiền nặng", "tội này bao gồm nhiều hành vi", "nhiều năm tù"] * 20
    )
    assert did_you_mean("bị phạt tiền bao nhiêu", stats) is None
    assert did_you_mean("bị phạt tiển nặng", stats) == "bị phạt tiền nặng"


def test_an_unmarked_word_the_index_holds_is_no_slip_of_a_letter() -> None:
    # nau is nấu, known; never seen after cách, but no reason to take it for này
    stats = TextStatistics(["cách này hay"] * 50 + ["nấu cơm ngon", "nấu cơm dẻo"])
    assert did_you_mean("cach nau", stats) == "cách nấu"
    assert did_you_mean("cach nayy", stats) == "cách này"


@pytest.mark.parametrize(
    ("prefix", "first"),
    [
        ("xe, m", "xe, máy"),
        ("Duong, s", "Đường, sắt"),
        ("thanh-ph", "thành-phố"),
        ("thành phố.", "thành phố. hà nội"),
        ("thanh pho  h", "thành phố hà nội"),
        ('"thanh pho" h', '"thành phố" hà nội'),
        (unicodedata.normalize("NFD", "xuất k"), "xuất khẩu"),
        (unicodedata.normalize("NFD", "Nguyễn Văn A"), "Nguyễn Văn An"),
    ],
)
def test_what_stands_before_is_kept(stats: Statistics, prefix: str, first: str) -> None:
    assert unicodedata.normalize("NFC", complete(prefix, stats)[0].text) == first


def test_what_is_typed_is_not_offered(stats: Statistics) -> None:
    for word in ("đường", "thành phố"):
        for form in ("NFC", "NFD"):
            typed = unicodedata.normalize(form, word)
            assert word not in [one.text for one in complete(typed, stats)]


def test_short_fields_are_completed_where_the_long_ones_have_nothing(tmp_path: Path) -> None:
    with vnsearch.create_index(tmp_path / "index") as index:
        index.add(
            [
                {"id": "1", "title": "Bún bò Huế", "body": "Giò heo, bún sợi to, bắp bò. " * 9},
                {"id": "2", "title": "iPhone 15 Pro", "body": "Máy mới, bảo hành một năm. " * 9},
            ]
        )
        assert index.suggest("bun s") == ["bún sợi", "bún sợi to"]
        assert index.suggest("bun b")[0] == "bún bò"
        assert index.suggest("iph") == ["iphone"]
        assert index.suggest("iphone ") == ["iphone 15"]


def test_marks_are_no_obstacle_where_the_texts_have_none() -> None:
    stats = TextStatistics(["mua dien thoai di dong o ha noi, theo ngay"] * 3)
    assert complete("điện th", stats)[0].text == "điện thoai"
    assert complete("ddieenj thoai d", stats)[0].text == "điện thoai di dong"
    assert complete("hà n", stats)[0].text == "hà noi"


def test_what_never_stood_in_a_row_is_offered_only_for_want_of_better() -> None:
    stats = TextStatistics(["giấy phép lái xe", "phương tiện, phút, phạt"] * 3)
    assert [found.text for found in complete("giay ph", stats)] == ["giấy phép", "giấy phép lái xe"]
    assert "giấy phạt" in [found.text for found in complete("giấy phạ", stats)]


def test_set_phrases_are_completed() -> None:
    # the second half of a phrase is told by the list of set phrases, not by the pairs alone
    stats = TextStatistics(["Thành phố Hồ Chí Minh", "hồ sơ", "hồ sơ mới", "hồ sơ cũ"] * 3)
    assert complete("thanh pho h", stats)[0].text == "thành phố hồ chí minh"
    assert complete("mới thành phố h", stats)[0].text == "mới thành phố hồ chí minh"


def test_completions_are_distinct_and_ranked(stats: Statistics) -> None:
    found = complete("t", stats, limit=5)
    assert len(found) == 5
    assert len({completion.text for completion in found}) == 5
    scores = [completion.score for completion in found]
    assert scores == sorted(scores, reverse=True)
    assert any(" " in completion.text for completion in found)


def test_marks_typed_so_far_count(stats: Statistics) -> None:
    texts = [completion.text for completion in complete("xu", stats)]
    assert texts[0].startswith("xuất")
    assert all(c.text.startswith("sắ") for c in complete("sắ", stats)[:2])
    assert complete("", stats) == []
    assert complete("zzz", stats) == []


def test_words_go_on_as_often_as_they_do(stats: Statistics) -> None:
    words = _words("đường", stats)
    assert words["đường", "sắt"] == stats.word_df(("đường", "sắt")) / stats.df("đường")
    assert _words("đường", stats) == words


@settings(max_examples=60)
@given(text=st.text(max_size=20) | st.text("aăâeêioôơuưyđdsfrxjw12 .@-", max_size=20))
def test_any_text_is_taken(stats: Statistics, text: str) -> None:
    meant = did_you_mean(text, stats)
    assert meant is None or meant != text
    for completion in complete(text, stats):
        assert completion.score > 0
        assert completion.text


@pytest.mark.parametrize("prefix", ["", "t", "h", "hồ ", "thanh pho h", "thành phố "])
def test_fewer_completions_are_the_first_of_more(stats: Statistics, prefix: str) -> None:
    many = complete(prefix, stats, 100)
    for limit in (0, 1, 2, 8, 20):
        assert complete(prefix, stats, limit) == many[:limit]


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("learn", None),  # not Leary, whom one text in a thousand knows
        ("linux kernel", None),
        ("docker run", None),  # the first letter of a word is seldom another one
        ("the gogle remove", None),  # two unknown words: it is a language the index does not know
        ("def", None),
        ("gogle", "google"),  # but what everybody writes of
        ("Ronadlo", "Ronaldo"),
        ("trong ngày Lary", None),  # nor in a Vietnamese query
        ("trong ngày Ronadlo", "trong ngày Ronaldo"),
    ],
)
def test_a_foreign_word_is_respelt_only_where_that_is_likely(query: str, meant: str | None) -> None:
    names = ["Leary, Linus và Rocker gặp Del", "Cristiano Ronaldo ghi bàn"]
    texts = [*names, *["Google ra mắt điện thoại, Rocker về nhì"] * 20, *["Tin trong ngày"] * 3000]
    stats = TextStatistics(texts)
    assert did_you_mean(query, stats) == meant


JOINTS = [
    *["Sở Giáo dục Hà Nội đã họp", "Hà Nội sáng nay có mưa"] * 20,
    *["Nội dung cuộc họp", "Quốc hội khóa mới", "Hội đồng bảo an", "Nhà thủy điện"] * 60,
    *["Điện thoại mới", "Công an tỉnh", "An toàn là bạn"] * 60,
    *["Hà nói thật", "Quốc hội đồng ý", "Công an ninh nhì", "Hội khỏe"],
]


@pytest.fixture(scope="module", params=["texts", "index"])
def joints(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Statistics]:
    if request.param == "texts":
        yield TextStatistics(JOINTS)
        return
    with vnsearch.create_index(tmp_path_factory.mktemp("joints") / "index") as index:
        index.add({"id": str(at), "title": text} for at, text in enumerate(JOINTS))
        yield index._current().statistics


@pytest.mark.parametrize(
    ("prefix", "first", "never"),
    [
        ("hà nội ", "hà nội sáng", "hà nội dung"),
        ("ha noi ", "hà nội sáng", "hà nội dung"),
        ("hà nội", "hà nội sáng", "hà nội dung"),  # a whole word goes on
        ("hà n", "hà nội", "hà nội dung"),
        ("quốc hội ", "quốc hội khóa", "quốc hội đồng bảo an"),
        ("quốc hội đ", "quốc hội đồng", "quốc hội đồng bảo an"),
        ("công an ", "công an tỉnh", "công an toàn"),
        ("thủy đ", "thủy điện", "thủy điện thoại"),
        ("nội ", "nội dung", "nội đã"),  # one syllable may be any word's
        ("hà nội dun", "hà nội dung", ""),  # nothing else begins so
    ],
)
def test_the_end_of_a_word_begins_no_other(
    joints: Statistics, prefix: str, first: str, never: str
) -> None:
    """Of *hà nội*, the second syllable is not that of *nội dung*: what is offered stands there."""
    offered = [one.text for one in complete(prefix, joints)]
    assert offered[0] == first
    assert never not in offered[:1] if prefix == "nội " else never not in offered


@pytest.mark.parametrize(
    ("prefix", "first"),
    [
        ("THÀNH PHỐ H", "THÀNH PHỐ HÀ NỘI"),
        ("THANH PHO H", "THÀNH PHỐ HÀ NỘI"),
        ("Thành Phố H", "Thành Phố Hà Nội"),
        ("Thành phố h", "Thành phố hà nội"),
        ("thanh pho H", "thành phố Hà Nội"),
        ("Thành phố H", "Thành phố Hà Nội"),
        ("T", "Thành phố"),
    ],
)
def test_a_completion_goes_on_in_the_capitals_of_what_was_typed(prefix: str, first: str) -> None:
    stats = TextStatistics(["Thành phố Hà Nội"] * 5)
    assert first in [one.text for one in complete(prefix, stats)]


@pytest.mark.parametrize("query", ["tri tue nhan tao", "trí tue nhân tao"])
def test_a_set_phrase_is_offered_as_it_is_understood(query: str) -> None:
    texts = ["Mô hình AI", "nhân viên tạo ra, giáo viên tuệ tĩnh, nhân tạo", "thông tri"]
    assert did_you_mean(query, TextStatistics(texts)) == "trí tuệ nhân tạo"


def test_what_finds_nothing_is_not_offered() -> None:
    stats = TextStatistics(["GVCN, giá vàng"])
    assert did_you_mean("tieesng vieejt", stats) is None
    assert did_you_mean("giaos vieen chur nhieemj", stats) == "giáo viên chủ nhiệm"
    assert did_you_mean("tieesng vieejt vangf", stats) == "tiếng việt vàng"
