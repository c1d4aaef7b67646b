"""News pages told apart from the articles on them; and texts that are no pages, left alone."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.articles import CleanedPage, clean_news_text

SEEDS = Path(__file__).parent.parent / "seeds"

TITLE = "Hà Nội mở rộng không gian đi bộ quanh hồ Gươm"
SAPO = (
    "Từ cuối tuần này, các tuyến phố quanh hồ Gươm sẽ được dành cho người đi bộ từ tối thứ sáu "
    "đến hết ngày chủ nhật."
)
FIRST = (
    "Theo kế hoạch vừa được Ủy ban nhân dân thành phố phê duyệt, mười sáu tuyến phố sẽ cấm xe cơ "
    "giới, người dân gửi xe tại mười điểm trông giữ do quận bố trí."
)
SECOND = (
    "Đại diện quận cho biết việc mở rộng không gian đi bộ nhằm phục vụ nhu cầu vui chơi của người "
    "dân và thu hút khách du lịch, đồng thời bảo tồn các giá trị văn hóa của khu phố cổ."
)
LAST = "Người dân có thể phản ánh qua đường dây nóng của quận để được hướng dẫn kịp thời."
BODY = [SAPO, FIRST, SECOND, LAST]


def page(*lines: str) -> CleanedPage:
    return clean_news_text("\n".join(lines))


def body_lines(cleaned: CleanedPage) -> list[str]:
    return [line for line in cleaned.body.split("\n") if line]


# --- the seeds ----------------------------------------------------------------------------------

SEED_FACTS = [
    (
        "000_536307628812c79b",
        "Quận Lê Chân tập trung kiểm soát tình hình di biến động những người đến từ/đi qua các "
        "vùng có dịch",
        datetime(2020, 3, 12, 18, 51),
        "Hoàng Tùng",
        "",
        "Chiều 12/3, Thường trực Quận ủy Lê Chân",
        "để hạn chế các hoạt động hội họp lớn.",
        8,
    ),
    (
        "001_987f128df7ced2e0",
        "Quận Lê Chân chỉ đạo công tác phòng, chống dịch bệnh Covid-19 ở mức độ cao nhất",
        None,
        "Hoàng Tùng",
        "haiphong.gov.vn",
        "Chiều 10/2, Thường trực Quận ủy",
        "18.674 trường hợp tiêm mũi 3 nhắc lại…).",
        7,
    ),
    (
        "002_49b4acd4a25fd815",
        "Thành lập các Trạm y tế lưu động phục vụ hiệu quả công tác phòng, chống dịch COVID-19 "
        "trên địa bàn quận Kiến An",
        None,
        "Nguyễn Hải",
        "haiphong.gov.vn",
        "Chiều 2/12, đồng chí Phạm Văn Khanh",
        "giáo viên và sinh viên của Trường.",
        8,
    ),
    (
        "003_3163de2ea3462c17",
        "PHƯỜNG 3 TRIỂN KHAI NHIỆM VỤ TRỌNG TÂM TRONG CÔNG TÁC PHÒNG, CHỐNG DỊCH ĐẾN CÁC TỔ TỰ "
        "QUẢN",
        None,
        "",
        "",
        "Trước tình hình diễn biến phức tạp",
        "một số nhu yếu phẩm và tiền mặt.",
        3,
    ),
    (
        "004_b7285e5d75c009f6",
        "Nam Từ Liêm sẵn sàng ứng phó mức cao hơn khi có tình huống dịch xảy ra",
        None,
        "",
        "",
        "Nội dung trên nằm trong kết luận",
        "người dân bị ảnh hưởng bởi dịch Covid-19.",
        10,
    ),
]


@pytest.mark.parametrize(
    ("name", "title", "published", "author", "source", "begins", "ends", "paragraphs"), SEED_FACTS
)
def test_a_seed_comes_out_right(
    name: str,
    title: str,
    published: datetime | None,
    author: str,
    source: str,
    begins: str,
    ends: str,
    paragraphs: int,
) -> None:
    text = (SEEDS / f"{name}.txt").read_text(encoding="utf-8")
    cleaned = clean_news_text(text)
    assert cleaned.title == title
    assert cleaned.published == published
    assert (cleaned.author, cleaned.source) == (author, source)
    assert cleaned.body.startswith(begins)
    assert cleaned.body.endswith(ends)
    assert len(body_lines(cleaned)) == paragraphs
    for furniture in ("cookies", "Read More", "Tin khác", "Mời bạn", "(0)", "QR", "|", "![]"):
        assert furniture not in cleaned.body


def test_the_captions_between_bars_stay_as_paragraphs() -> None:
    text = (SEEDS / "004_b7285e5d75c009f6.txt").read_text(encoding="utf-8")
    caption = "Ông Trần Đức Hoạt trao tặng quà cho người dân bị ảnh hưởng bởi dịch Covid-19."
    assert caption in body_lines(clean_news_text(text))


# --- pages of other shapes ----------------------------------------------------------------------


def test_a_national_paper_with_breadcrumbs_buttons_and_comments() -> None:
    cleaned = page(
        "Trang chủ > Thời sự > Giao thông",
        "Thứ Năm, ngày 12/3/2020, 18:51 (GMT+7)",
        TITLE,
        "Chia sẻ",
        "Facebook",
        "Copy link",
        *BODY,
        "Võ Hải",
        "Chia sẻ bài viết",
        "Từ khóa: phố đi bộ, hồ Gươm",
        "Bình luận (12)",
        "Rất ủng hộ chủ trương này, mong thành phố làm sớm và làm đồng bộ ở nhiều nơi khác nữa.",
        "Minh Anh - 19:02 12/3/2020",
    )
    assert cleaned.title == TITLE
    assert cleaned.published == datetime(2020, 3, 12, 18, 51)
    assert cleaned.author == "Võ Hải"
    assert cleaned.section == "Thời sự"
    assert cleaned.tags == ("phố đi bộ", "hồ Gươm")
    assert body_lines(cleaned) == BODY
    assert "Facebook" in cleaned.removed


def test_a_portal_with_lists_of_newer_and_older_news() -> None:
    cleaned = page(
        TITLE,
        "Ngày đăng: 12-03-2020 | 18:51",
        "Lượt xem: 1.234",
        "Cỡ chữ A- A A+",
        *BODY,
        "Ban Biên tập",
        "Nguồn: hanoi.gov.vn",
        "In trang",
        "Các tin mới hơn",
        "- Lễ hội hoa đào khai mạc tại Hoàng thành Thăng Long (13/03/2020)",
        "Các tin cũ hơn",
        "- Thành phố kiểm tra công tác chuẩn bị bầu cử (11/03/2020)",
        "Cơ quan chủ quản: Ủy ban nhân dân thành phố",
    )
    assert (cleaned.title, cleaned.author, cleaned.source) == (
        TITLE,
        "Ban Biên tập",
        "hanoi.gov.vn",
    )
    assert cleaned.published == datetime(2020, 3, 12, 18, 51)
    assert body_lines(cleaned) == BODY


WHOLE_PAGES = {
    "buttons with words of their own": (
        ["Thời sự", "Thứ bảy, 18/9/2021, 14:30 (GMT+7)", TITLE, *BODY, "Đắc Thành",
         "Trở lại Thời sự", "Chia sẻ", "Copy link thành công", "×", "Tin cùng chuyên mục"],
        ("Đắc Thành", "", "Thời sự", ()),
    ),
    "the writer twice above, with an address": (
        [TITLE, "Mạnh Cường", "Mạnh Cường", "manhcuong@bao.vn", "18/09/2021 14:30 GMT+7",
         "Theo dõi Báo Thanh Niên trên Google News", *BODY, "Tin liên quan", "Giá xăng giảm"],
        ("Mạnh Cường", "", "", ()),
    ),
    "the date last, the subject after it": (
        [TITLE, *BODY[:2], ">> Khách quốc tế đến Hà Nội tăng", *BODY[2:],
         "Thứ bảy, 18/09/2021 - 14:30", "Dòng sự kiện: Phố đi bộ"],
        ("", "", "", ("Phố đi bộ",)),
    ),
    "a portal's menu, a writer's office": (
        ["Trang chủ", "Giới thiệu", "Tin tức", "Liên hệ", TITLE, "Đăng lúc 14h30 ngày 18/09/2021",
         "Lượt xem: 1523", "100%", "Font size:", "Print", *BODY,
         "Nguyễn Thị Lan - Văn phòng UBND quận", "<Trở về>", "Tin liên quan:", "Tin mới hơn:",
         "Họp HĐND (18/09/2021 03:00:00)"],
        ("Nguyễn Thị Lan - Văn phòng UBND quận", "", "Tin tức", ()),
    ),
    "an agency, its tags of several words, a province": (
        [TITLE, "(TTXVN/Vietnam+) 18/09/2021 14:30 GMT+7", *BODY, "(TTXVN/Vietnam+)",
         "#Phố đi bộ #Hà Nội", "Theo dõi VietnamPlus"],
        ("", "TTXVN/Vietnam+", "", ("Phố đi bộ", "Hà Nội")),
    ),
    "a writer with role and paper": (
        [TITLE, "18/09/2021 14:30", *BODY, "CTV Thu Hà/VOV-Miền Trung", "Viết bình luận",
         "Tên của bạn", "Tin liên quan"],
        ("CTV Thu Hà/VOV-Miền Trung", "", "", ()),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE_PAGES)
def test_a_whole_page(name: str) -> None:
    lines, told = WHOLE_PAGES[name]
    cleaned = page(*lines)
    assert cleaned.title == TITLE
    assert cleaned.published == datetime(2021, 9, 18, 14, 30)
    assert (cleaned.author, cleaned.source, cleaned.section, cleaned.tags) == told
    assert body_lines(cleaned) == BODY


def test_a_title_that_looks_like_a_name_makes_nobody_the_author() -> None:
    cleaned = page("Nguyễn Ái Quốc", "18/09/2021", *BODY, "Tin liên quan", "Giá xăng giảm")
    assert (cleaned.title, cleaned.author) == ("Nguyễn Ái Quốc", "")


def test_a_province_alone_on_the_last_line_is_nobody() -> None:
    cleaned = page(TITLE, "18/09/2021", *BODY, "Quảng Nam", "Tin liên quan", "Giá xăng giảm")
    assert (cleaned.author, body_lines(cleaned)) == ("", [*BODY, "Quảng Nam"])


def test_a_list_in_the_middle_ends_where_the_article_goes_on() -> None:
    cleaned = page(
        TITLE,
        SAPO,
        FIRST,
        "Tin liên quan",
        "Đường hoa xuân Nguyễn Huệ đón khách sớm hơn mọi năm",
        "Khách quốc tế đến Hà Nội tăng mạnh",
        SECOND,
        LAST,
        "Đoàn Loan",
        "Đọc nhiều",
        "Giá xăng giảm mạnh từ chiều nay",
    )
    assert body_lines(cleaned) == BODY
    assert cleaned.author == "Đoàn Loan"


def test_a_last_short_paragraph_after_a_list_is_known_by_its_byline() -> None:
    cleaned = page(
        TITLE, SAPO, FIRST, "Tin liên quan", "Khách quốc tế tăng mạnh", LAST, "Đoàn Loan"
    )
    assert body_lines(cleaned) == [SAPO, FIRST, LAST]


def test_teasers_of_whole_sentences_do_not_pass_for_the_article() -> None:
    teaser = "Sáng nay, quận tổ chức lễ khởi công cải tạo hồ với tổng mức đầu tư sáu mươi tỷ đồng."
    cleaned = page(
        TITLE, *BODY, "Tin khác", "Khởi công cải tạo hồ Sen", teaser, "30/12/2024", "Bổ nhiệm",
        teaser, "29/12/2024",
    )  # fmt: skip
    assert body_lines(cleaned) == BODY
    assert cleaned.published is None


def test_a_paragraph_after_an_inline_link_stays() -> None:
    cleaned = page(
        TITLE, SAPO, FIRST, "Xem thêm: Khách quốc tế đến Hà Nội tăng mạnh", SECOND, LAST,
        "Nguồn: Dân trí",
    )  # fmt: skip
    assert body_lines(cleaned) == BODY
    assert cleaned.removed == ("Xem thêm: Khách quốc tế đến Hà Nội tăng mạnh",)
    assert cleaned.source == "Dân trí"


def test_a_button_named_like_a_list_above_the_article_takes_nothing_with_it() -> None:
    cleaned = page("Tin mới", "Bình luận (0)", TITLE, "12/03/2020 18:51", *BODY)
    assert cleaned.title == TITLE
    assert body_lines(cleaned) == BODY


def test_the_title_under_the_qr_code_wins_over_no_title() -> None:
    cleaned = page("Print Thứ năm, 12/03/2020 18:51 Gốc", *BODY, "QR Code", f"QR CODE: {TITLE}")
    assert cleaned.title == TITLE
    assert body_lines(cleaned) == BODY


def test_a_kicker_is_the_section() -> None:
    cleaned = page("Không gian văn hóa", TITLE, *BODY, "Tin cùng chuyên mục", "Giá xăng giảm")
    assert (cleaned.section, cleaned.title) == ("Không gian văn hóa", TITLE)


def test_the_site_behind_the_title_is_the_source() -> None:
    cleaned = page(f"{TITLE} - Báo Lao Động", *BODY, "Tin cùng chuyên mục", "Giá xăng giảm")
    assert (cleaned.title, cleaned.source) == (TITLE, "Báo Lao Động")


def test_a_title_printed_twice_is_taken_twice() -> None:
    cleaned = page(TITLE, "12/03/2020", TITLE.upper(), *BODY)
    assert body_lines(cleaned) == BODY


def test_tags_on_lines_below_their_label() -> None:
    cleaned = page(TITLE, *BODY, "Từ khóa:", "phố đi bộ", "hồ Gươm", "Tin liên quan", "Giá xăng")
    assert cleaned.tags == ("phố đi bộ", "hồ Gươm")


def test_hashtags_are_tags() -> None:
    assert page(TITLE, *BODY, "#phodibo #hanoi", "Tin liên quan").tags == ("phodibo", "hanoi")


def test_nfd_pages_are_cleaned_alike() -> None:
    text = "\n".join([TITLE, "Thứ năm, ngày 12 tháng 3 năm 2020", *BODY, "Tin khác", "Giá xăng"])
    plain = clean_news_text(text)
    decomposed = clean_news_text(unicodedata.normalize("NFD", text))
    assert decomposed.title == unicodedata.normalize("NFD", plain.title)
    assert decomposed.body == unicodedata.normalize("NFD", plain.body)
    assert decomposed.published == plain.published == date(2020, 3, 12)


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("Print Thứ năm, 12/03/2020 18:51 Gốc", datetime(2020, 3, 12, 18, 51)),
        ("Thứ Năm, ngày 12/3/2020, 18:51 (GMT+7)", datetime(2020, 3, 12, 18, 51)),
        ("12-03-2020 | 18:51", datetime(2020, 3, 12, 18, 51)),
        ("Cập nhật lúc 18:51, 12/03/2020", datetime(2020, 3, 12, 18, 51)),
        ("Cập nhật lúc: 18h51 ngày 12/03/2020", datetime(2020, 3, 12, 18, 51)),
        ("2020-03-12T18:51", datetime(2020, 3, 12, 18, 51)),
        ("2020-03-12", date(2020, 3, 12)),
        ("Thứ năm, ngày 12 tháng 3 năm 2020", date(2020, 3, 12)),
        ("12/03/2020 06:51 CH", datetime(2020, 3, 12, 18, 51)),
        ("Đăng ngày: 12.3.2020 - Lượt xem: 99", date(2020, 3, 12)),
        ("VTV.vn - 18:51 12/03/2020", datetime(2020, 3, 12, 18, 51)),
        ("Thời sự | 12/03/2020", date(2020, 3, 12)),
        ("Tháng Ba 12, 2020", date(2020, 3, 12)),
    ],
)
def test_a_date_line(line: str, published: date) -> None:
    cleaned = page(TITLE, line, *BODY)
    assert cleaned.published == published
    assert body_lines(cleaned) == BODY


def test_a_name_beside_the_date_is_the_author() -> None:
    cleaned = page(TITLE, "Nguyễn Thu Hà - 12/03/2020 18:51", *BODY)
    assert cleaned.author == "Nguyễn Thu Hà"


@pytest.mark.parametrize(
    ("line", "author", "source"),
    [
        ("Hoàng Tùng", "Hoàng Tùng", ""),
        ("Hà My - Nguyễn Hải", "Hà My - Nguyễn Hải", ""),
        ("Hà My (Theo BBC)", "Hà My", "BBC"),
        ("Tác giả: Nguyễn Hải", "Nguyễn Hải", ""),
        ("Tin, ảnh: Trần Lâm", "Trần Lâm", ""),
        ("Theo VnExpress", "", "VnExpress"),
        ("(Theo TTXVN)", "", "TTXVN"),
        ("PV", "PV", ""),
        ("Nguồn tin: haiphong.gov.vn", "", "haiphong.gov.vn"),
        ("(Nguồn: Báo Chính phủ)", "", "Báo Chính phủ"),
    ],
)
def test_a_byline(line: str, author: str, source: str) -> None:
    cleaned = page(TITLE, "12/03/2020", *BODY, line, "Tin khác", "Giá xăng giảm mạnh")
    assert (cleaned.author, cleaned.source) == (author, source)
    assert body_lines(cleaned) == BODY


@pytest.mark.parametrize(
    "line",
    [
        "This website uses cookies. See Our policy to learn more.",
        "Read More",
        "Mời bạn là người đầu tiên xếp hạng và nhận xét",
        "(0)",
        "4.5/5 (12 đánh giá)",
        "Mã QR Code truy cập vào Fanpage Cổng tin tức",
        "![]() |",
        "![anh](https://example.vn/a.jpg)",
        "Theo dõi Báo Lao Động trên Google News",
    ],
)
def test_furniture_goes_wherever_it_stands(line: str) -> None:
    assert body_lines(page(TITLE, SAPO, FIRST, line, SECOND, LAST)) == BODY


# --- what must stay -----------------------------------------------------------------------------

LOOKS_LIKE_FURNITURE = [
    "Bạn đọc có thể xem các tin liên quan trong mục này để hiểu thêm về chủ trương.",
    "Đọc thêm sách là cách tốt nhất để hiểu lịch sử.",
    "Xem thêm: một cuốn sách hay là người bạn tốt.",
    "Chia sẻ",
    "Facebook",
    "Nguyễn Huệ",
    "Ngày 12/3/2020, thành phố họp khẩn.",
    "Tin khác với đồn.",
    "Bình luận của chuyên gia kinh tế trưởng ngân hàng",
    "- Trông giữ xe đúng giá niêm yết",
    "7h00 ngày 13/3/2020: Lễ khai mạc",
]


@pytest.mark.parametrize("line", LOOKS_LIKE_FURNITURE)
def test_a_line_inside_the_article_stays(line: str) -> None:
    cleaned = page(TITLE, "12/03/2020", SAPO, FIRST, line, SECOND, LAST, "Tin khác", "Giá xăng")
    assert body_lines(cleaned) == [SAPO, FIRST, line, SECOND, LAST]


WHOLE = {
    "a poem": "Quê hương\n\nQuê hương là chùm khế ngọt\nCho con trèo hái mỗi ngày\nĐỗ Trung Quân",
    "a list": "Facebook\nZalo\nEmail\nTin khác\nTin liên quan",
    "a shopping list": "- gạo\n- mắm\n- 12/03/2020\n- (0)",
    "one line": "Xin chào",
    "a table": "| Tên | Tuổi |\n|---|---|\n| Hoa | 12 |\n| Mai | 13 |",
    "code": "def f(x):\n    return x\n\n\nprint(f(1))",
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_no_page_is_left_whole(name: str) -> None:
    cleaned = clean_news_text(WHOLE[name])
    assert cleaned == CleanedPage(body=WHOLE[name])


def test_a_plain_document_keeps_all_but_a_title_set_apart() -> None:
    lines = [FIRST, "", "Đọc thêm", "Sách giáo khoa lịch sử lớp mười hai", "", "  " + SECOND]
    cleaned = page("Ghi chép", "", *lines)
    assert cleaned.title == "Ghi chép"
    assert cleaned.body == "\n".join(lines)
    assert cleaned.removed == ()


def test_an_official_letter_keeps_its_place_and_date() -> None:
    place = "Hà Nội, ngày 12 tháng 3 năm 2020"
    assert place in body_lines(page("QUYẾT ĐỊNH", place, *BODY))


def test_a_table_inside_a_page_keeps_its_bars() -> None:
    table = ["| Quận | Ca |", "|---|---|", "| Hoàn Kiếm | 12 |"]
    cleaned = page(TITLE, SAPO, *table, FIRST, "Tin khác", "Giá xăng giảm")
    assert body_lines(cleaned) == [SAPO, *table, FIRST]


def test_a_title_known_from_elsewhere_takes_no_other_line() -> None:
    text = "\n".join([TITLE, "Một dòng khác hẳn", *BODY, "Tin khác", "Giá xăng giảm"])
    assert clean_news_text(text, title=TITLE).body.startswith("Một dòng khác hẳn")
    other = clean_news_text(text, title="Tên ở nơi khác")
    assert other.title == "Tên ở nơi khác"
    assert other.body.startswith(TITLE)


# --- properties ---------------------------------------------------------------------------------

PIECES = [
    TITLE, *BODY, *LOOKS_LIKE_FURNITURE, "", " ", "Tin khác", "Tin liên quan", "Đọc thêm",
    "Xem thêm: Giá xăng giảm mạnh", "(0)", "12/03/2020 18:51", "30/12/2024", "Hoàng Tùng",
    "Nguồn: TTXVN", "Từ khóa: a, b", "Từ khóa", "Bình luận (3)", "![]() |", "| chú thích ảnh |",
    "|---|", "| a | b |", "QR CODE: một hai ba bốn", "Trang chủ > Thời sự", "Thời sự", "Chia sẻ",
    "***", "(Theo TTXVN)", "\ud800", "\x00", "|", "||", "#", "# ", "#a", "Theo ", "Nguồn:", "()",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=40), max_size=25), st.booleans())
def test_cleaning_never_raises_and_invents_nothing(lines: list[str], windows: bool) -> None:
    text = ("\r\n" if windows else "\n").join(lines)
    cleaned = clean_news_text(text)
    given_lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = 0
    for line in body_lines(cleaned):
        while line not in given_lines[at]:
            at += 1  # an IndexError here is a line that is not there, or not in this order
        at += 1
    blank = "|\u200b\u200e\u200f\ufeff"
    if any(not (char.isspace() or char in blank) for char in text) and not cleaned.body:
        assert cleaned.title


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    clean_news_text(text)
