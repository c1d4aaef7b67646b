"""What each line of a news page is, by its own words.

The words are those that national papers (VnExpress, Tuổi Trẻ, Thanh Niên, Dân trí, VietNamNet,
VOV, Báo Chính phủ) and the portals of provinces and districts put around their articles. They
are matched on whole lines, in NFC, in any case. Where a line stands is not asked here: that is
`vnsearch.articles.cleaning`'s part.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto

from vnsearch.articles.article import split_tags
from vnsearch.articles.dates import find_date

__all__ = ["LONG_PROSE", "Kind", "Line", "Said", "has_surname", "page_lines", "split_site"]

LONG_PROSE = 200
"""From this many code points on a paragraph is surely no teaser of another article."""

_PROSE_WORDS = 15
_MAX_LABEL = 300


class Kind(Enum):
    """What a line looks like."""

    BLANK = auto()
    TEXT = auto()
    PROSE = auto()  # a paragraph of whole sentences
    DATE = auto()
    BYLINE = auto()  # can be nothing else: "Tác giả: ...", "(Theo TTXVN)"
    NAME = auto()  # may be a writer's name
    SOURCE = auto()
    TAGS = auto()
    TAGS_HEADING = auto()  # "Từ khóa:", the tags on the lines below
    CRUMBS = auto()  # "Trang chủ > Thời sự"
    SECTION = auto()  # "Thời sự"
    CAPTION = auto()  # the page's title repeated under its QR code
    HEADING = auto()  # of a list that only pages have: "Tin liên quan"
    WEAK_HEADING = auto()  # of a list that documents have too: "Đọc thêm"
    END = auto()  # of the comment box or the footer: nothing after it is the article's
    LINK = auto()  # a heading and its one item: "Xem thêm: ..."
    JUNK = auto()  # words only a page has
    BUTTON = auto()  # furniture above and below the article, words of it in between
    RULE = auto()  # "***"


@dataclass(frozen=True, slots=True)
class Said:
    """What a line tells about the article, if it is what it looks like."""

    title: str = ""
    published: datetime | date | None = None
    author: str = ""
    source: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()


_NOTHING = Said()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page.

    ``raw`` is the line as it stands, ``text`` that without the space and the bars of a one-cell
    table around it, ``key`` that in NFC, ``words`` the number of words between spaces (spaces
    are counted for them in a line too long for a label).
    """

    raw: str
    text: str
    key: str
    words: int
    kind: Kind
    said: Said = _NOTHING

    @property
    def is_sentence(self) -> bool:
        """Whether this ends as a sentence does and is more than a few words."""
        return self.words > 5 and _ends_sentence(self.key)

    @property
    def is_headline(self) -> bool:
        """Whether this may be a title: a few words, neither a sentence nor an item of a list."""
        text = self.key.lstrip("# ")
        return (
            self.kind in (Kind.TEXT, Kind.NAME, Kind.PROSE)
            and 2 <= self.words <= 40
            and len(text) <= _MAX_LABEL
            and (text[-1] not in ".,;:" or text.endswith("..."))
            and _BULLET.match(text) is None
        )


# --- the words ------------------------------------------------------------------------------------


def _any(*patterns: str) -> re.Pattern[str]:
    # For lines in lower case: ignoring case costs re its quick look at the first letter.
    return re.compile("(?:" + "|".join(patterns) + ")")


_HEADING = _any(
    r"(?:các |những )?(?:tin|bài)(?: tức| viết| bài)* "
    r"(?:khác|liên quan|mới hơn|cũ hơn|cùng (?:chuyên )?mục|cùng (?:chủ đề|loại|sự kiện|tuyến bài)"
    r"|đã (?:đưa|đăng)|trước đó|tiếp theo|tương tự)(?: khác)?",
    r"(?:các )?(?:tin|bài)(?: viết| tức)? (?:đọc|xem) nhiều(?: nhất)?",
    r"(?:các )?(?:tin|bài)(?: viết| tức)? (?:mới nhất|mới|nổi bật|tiêu điểm|nóng|hot|hay)",
    r"(?:các )?(?:tin|bài)(?: viết)? trong (?:chuyên mục|tuyến bài)",
    r"cùng (?:chuyên mục|chủ đề|tác giả)",
    r"thông tin (?:khác|liên quan)",
    r"(?:có thể )?bạn (?:có thể )?(?:cũng )?quan tâm",
    r"(?:đọc|xem) nhiều(?: nhất)?",
    r"(?:mới|nổi bật)(?: nhất)? trong (?:ngày|tuần|mục)",
    r"tiện ích thông tin",
    r"chúng tôi trên mạng xã hội",
    r"related (?:articles|news|posts)",
)
_WEAK_HEADING = _any(
    r"đọc (?:thêm|tiếp)",
    r"(?:mời )?(?:bạn |độc giả )?xem (?:thêm|tiếp)",
    r"(?:chủ đề )?liên quan",
    r"dòng sự kiện",
    r"tiêu điểm|nổi bật",
    r"bình luận|ý kiến",
    r"(?:được )?tài trợ|quảng cáo",
    r"văn bản (?:mới|liên quan)|thông báo(?: mới)?|liên kết(?: website| web| trang)?",
)
_END = _any(
    r"bình luận\s*\(\d+\)|\d+ bình luận",
    r"(?:gửi|viết|thêm|nhập) (?:bình luận|ý kiến|phản hồi|nhận xét)(?: của bạn)?",
    r"(?:bình luận|ý kiến|phản hồi|nhận xét) (?:của )?(?:bạn đọc|bạn|độc giả)"
    r"(?: về bài viết.*)?(?:\s*\(\d+\))?",
    r"(?:hãy )?(?:là|trở thành) người đầu tiên bình luận.*",
    r"chưa có bình luận(?: nào)?.*",
    r"vui lòng đăng nhập để (?:gửi |viết )?bình luận.*",
    r"leave a (?:reply|comment)",
    r"(?:©|copyright|bản quyền (?:thuộc|©)|® ?ghi rõ nguồn).*",
    r"(?:cơ quan chủ quản|chịu trách nhiệm (?:nội dung|chính)|giấy phép (?:số|hoạt động|thiết lập)"
    r"|tổng biên tập|trưởng ban biên tập|tòa soạn|toà soạn)\s*:.*",
    r"giấy phép (?:báo điện tử|báo chí|thiết lập|hoạt động|ttđt|trang thông tin).*",
    r"ghi rõ nguồn .{0,80}khi (?:phát hành|sử dụng|đăng|trích dẫn).*",
)
_LINK = re.compile(
    r"(?:[>»*•▶►+–|-]\s*)*(?:(?:mời )?(?:bạn |độc giả )?(?:xem|đọc) (?:thêm|tiếp|ngay)"
    r"|(?:tin|bài)(?: viết)? liên quan|có thể bạn quan tâm)\s*[:>»]+\s*\S.{5,200}|>>+\s*\S.{5,200}",
    re.IGNORECASE,
)
_JUNK = _any(
    r"(?:this|our) (?:web)?site uses cookies.*",
    r"(?:trang(?: web)?|website)(?: này)? (?:có )?sử dụng cookies?\b.*",
    r"(?:we use|chúng tôi (?:có )?sử dụng) cookies?\b.*",
    r"(?:accept|decline|reject|allow)(?: all)?(?: cookies)?|đồng ý (?:sử dụng )?cookies?",
    r"(?:read|learn) more\W*",
    r"\(0\)",
    r"(?:\d(?:[.,]\d)?\s?/\s?5\s*)?\(?\d+ (?:lượt |phiếu )?(?:đánh giá|bình chọn|votes?)\)?",
    r"mời bạn là người đầu tiên.*",
    r"(?:hãy )?(?:đánh giá|xếp hạng) (?:bài viết|bài|tin)(?: này)?",
    r"(?:điểm|tổng số điểm) (?:trung bình|của bài viết)(?: là)?\s*:.*",
    r"click để đánh giá bài viết",
    r"(?:mã )?qr ?code(?: .*)?",
    r"!\[[^\]]*\](?:\([^)]*\))?",
    r"(?:theo dõi|follow) .{2,60}(?:trên|tại|on) "
    r"(?:google news|facebook|zalo|youtube|tiktok|telegram).*",
    r"(?:đăng ký|đăng kí) (?:nhận (?:bản )?tin|theo dõi kênh)\b.*",
    r"(?:lượt xem|số lần đọc|số lượt xem|lượt đọc|đã xem|views?)\s*:\s*[\d.,]+",
    r"[\d.,]+ (?:lượt xem|lượt đọc|views)",
    r"(?:chọn )?(?:cỡ chữ|kích thước chữ|kiểu chữ)\b.{0,20}",
    r"a\s*[-–]\s*a\s*a?\s*\+?|[-+]?a[-+]",
    r"nghe (?:bài viết|bài báo|nội dung bài)|đọc bài viết\s*\d.*",
    r"giọng (?:nữ|nam)(?: miền (?:bắc|nam|trung))?|(?:nữ|nam) miền (?:bắc|nam)",
    r"(?:your browser|trình duyệt của bạn) (?:does not|không) (?:support|hỗ trợ).*",
    r"skip to (?:main )?content",
)
_SECTION = _any(
    r"thời sự|chính trị|xã hội|thế giới|quốc tế|trong nước|kinh tế|kinh doanh|tài chính|pháp luật",
    r"giáo dục|sức khỏe|sức khoẻ|y tế|văn hóa|văn hoá|văn hóa - xã hội|thể thao|giải trí|du lịch",
    r"khoa học|công nghệ|số hóa|đời sống|nhịp sống|bất động sản|xe|ô tô|góc nhìn|bạn đọc|tâm sự",
    r"quốc phòng|an ninh|quốc phòng - an ninh|môi trường|nông nghiệp|đô thị|giao thông|dân sinh",
    r"tin tức|tin tức - sự kiện|tin tức sự kiện|tin hoạt động|tin trong tỉnh|tin địa phương",
)
_BUTTON = _any(
    r"(?:chia sẻ|share)(?: (?:bài viết|bài|tin|qua|trên|lên))?"
    r"(?: (?:này|facebook|zalo|twitter|mạng xã hội))?\s*:?",
    r"facebook|zalo|twitter|tweet|pinterest|linkedin|telegram|messenger|email|gmail|youtube|tiktok"
    r"|google\+?|x|copy link|sao chép(?: liên kết| link)?|link|rss|viber|whatsapp",
    r"in|in bài|in ấn|in trang|in bài viết|in tin này|bản in|print|print this",
    r"lưu|lưu bài(?: viết)?|thích|like|quan tâm|báo lỗi|gửi email|gửi cho bạn bè|gửi|đánh dấu|gốc",
    r"quay lại|trở về|trở lại|về trang chủ|lên đầu trang|về đầu trang|back to top|trang chủ|home",
    r"đăng nhập|đăng ký|login|menu|tìm kiếm|search|đóng|close|hủy|gửi đi|ok|liên hệ|giới thiệu"
    r"|english|hotline|đường dây nóng|font size",
    r"copy link .{2,20}|theo dõi (?:báo|vietnam|vn|dân trí|tuổi trẻ|thanh niên|chúng tôi).{0,20}",
    rf"(?:trở lại|quay lại|về) {_SECTION.pattern}",
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\d{1,3} ?%",
    r"(?:nguồn(?: tin)?|tác giả)\s*:?|video|ảnh|photo|infographic|podcast|e-?magazine|media"
    r"|multimedia|longform|trước|sau|tiếp|next|previous|xem tất cả|xem chi tiết|chi tiết",
    r"\(?\d{1,4}\)?|[\W_]{1,5}",
)
_RULE = re.compile(r"(?:[*_=~–—-]\s?){3,}")
_TAGS_HEADING = _any(r"(?:từ kh(?:óa|oá)|tags?|keywords?)(?: (?:liên quan|tìm kiếm))?")
_CAPTION = re.compile(r"(?:mã )?qr ?code\s*:\s*\S+(?: +\S+){2,}")

# The first that fits a whole line, ornaments and a closing colon aside, is the line's kind.
_LABELS = (
    (Kind.RULE, _RULE),
    (Kind.CAPTION, _CAPTION),
    (Kind.JUNK, _JUNK),
    (Kind.HEADING, _HEADING),
    (Kind.END, _END),
    (Kind.WEAK_HEADING, _WEAK_HEADING),
    (Kind.TAGS_HEADING, _TAGS_HEADING),
    (Kind.SECTION, _SECTION),
    (Kind.BUTTON, _BUTTON),
)

_CRUMBS = re.compile(
    r"(?:trang chủ|trang nhất|home)\s*(?:[>»›/\\|]|--?>?|→|::)+\s*(?P<rest>\S.*)", re.IGNORECASE
)
_CRUMB_MARK = re.compile(r"\s*(?:[>»›/\\|]|\s--?>?\s|→|::)+\s*")
_SOURCE = re.compile(
    r"\(?(?:nguồn(?: tin| bài(?: viết)?| dẫn| trích)?|theo nguồn(?: tin)?|link gốc|source)"
    r"\s*:\s*(?P<name>\S.{0,100}?)\)?",
    re.IGNORECASE,
)
_TAGS = re.compile(
    r"(?:từ kh(?:óa|oá)|tags?|thẻ|chủ đề|(?:dòng )?sự kiện|keywords?)"
    r"(?: (?:liên quan|tìm kiếm|bài viết))?\s*:\s*(?P<tags>\S.*)"
    r"|(?P<hashed>#\w[\w-]*(?:[\s,;]+#\w[\w-]*)*|#\w[^#]*(?:#\w[^#]*)+)",
    re.IGNORECASE,
)
_AUTHOR_LABEL = re.compile(
    r"\(?(?:tác giả|người viết|thực hiện|bài(?: viết)?(?: và ảnh|, ảnh)?|tin(?: và|,)? ảnh"
    r"|tin,? bài|phóng viên)\s*:\s*(?P<name>\S.{1,80}?)\)?",
    re.IGNORECASE,
)
_ACCORDING = re.compile(r"\(?theo\s*:?\s+(?P<name>\S.{0,60}?)\)?", re.IGNORECASE)
_STAFF = re.compile(r"\(?(?:pv|p\.v\.?|btv|ctv|bbt|b\.b\.t|ban biên tập|nhóm (?:pv|phóng viên))\)?")
_AGENCY = re.compile(
    r"\((?P<name>(?:ttxvn|vietnam\+|vov|vtv|reuters|afp|ap|xinhua|chinhphu)\b[^()]{0,30})\)",
    re.IGNORECASE,
)
_ROLE = re.compile(r"(?:pv|ctv|phóng viên|nhà báo)\s+", re.IGNORECASE)
_AFFILIATION = re.compile(r"\s+[-–—]\s+")
_DATE_LABEL = re.compile(
    r"\b(?:(?:ngày|giờ|thời gian)\s+)?(?:đăng(?: tải| tin| bài)?|cập nhật|xuất bản|tạo|phát hành"
    r"|published?|posted|updated)(?:\s+(?:lúc|vào|ngày|on|at|cuối|lần cuối))*\b"
    r"|\b(?:print|gốc|in|gmt|xem|lượt (?:xem|đọc)|views?|chia sẻ|share|bình luận|phút đọc|by|bởi"
    r"|thời gian|facebook|zalo|email|đã|sáng|chiều|tối|trưa)\b|\d+|[^\w.()]+|(?<!\w)[.()]|_",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"\(?[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org)\)?", re.IGNORECASE)
_SITE_SUFFIX = re.compile(
    r"\s+[|»–—-]\s+(?P<site>(?:báo|tạp chí|cổng thông tin|trang (?:thông tin|tin)|đài)\b[^|]{2,60}"
    r"|[\w-]+\.(?:vn|com|net|org)(?:\.vn)?|vnexpress|tuổi trẻ(?: online)?|thanh niên|dân trí"
    r"|vietnamnet|vietnamplus|vov|vtv|vtc(?: news)?|lao động|người lao động|tiền phong"
    r"|zing ?news|znews|kenh14|cafef|soha|24h|nhân dân)$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(
    r"(?:[.!?:;…]|\./\.)[\"'”’»)\]]*$|[.!?…][\"'”’»)\]]*\s*\([^()\d]{2,40}\)\.?$"
)
_DATED_END = re.compile(r"\(?\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\)?$")
_BULLET = re.compile(r"(?:[-–—•*+●○■□▪►▶>»]|\d{1,3}[.)]|[a-zđ][.)])\s+")
_IN_BRACKETS = re.compile(r"\s*\((?P<inside>[^()]{1,40})\)$")
_NAME_JOIN = re.compile(r"\s*[,/&+;]\s*|\s+[-–—]\s+|\s+và\s+")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SPACE = " \t\f\v\xa0\u200b\u200e\u200f\ufeff"
_ORNAMENTS = _SPACE + "*#<>»›:•_|…–—▶►▪■"

# The family names that cover nearly everybody, and some that only a few have.
_SURNAMES = frozenset(
    {
        *("nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi"),
        *("đỗ", "hồ", "ngô", "dương", "lý", "đinh", "đoàn", "trịnh", "mai", "đào", "lâm", "cao"),
        *("hà", "lương", "tạ", "tô", "trương", "vương", "tống", "thái", "châu", "quách", "chu"),
        *("kiều", "phùng", "đàm", "lưu", "hứa", "nghiêm", "thạch", "tăng", "văn", "triệu", "lục"),
        *("khương", "la", "mạc", "ninh", "phí", "quản", "thân", "tôn", "từ", "viên", "bạch", "cù"),
        *("doãn", "giang", "ông", "lại", "khuất", "tưởng", "âu", "diệp", "kim", "thẩm"),
    }
)
# Names of places (the provinces, and some countries) stand alone on a line as writers' names do.
_PLACES = frozenset(
    {
        *("an giang", "bạc liêu", "bắc giang", "bắc kạn", "bắc ninh", "bến tre", "bình dương"),
        *("bình định", "bình phước", "bình thuận", "cà mau", "cao bằng", "cần thơ", "đà nẵng"),
        *("đắk lắk", "đắk nông", "điện biên", "đồng nai", "đồng tháp", "gia lai", "hà giang"),
        *("hà nam", "hà nội", "hà tĩnh", "hải dương", "hải phòng", "hậu giang", "hòa bình"),
        *("hồ chí minh", "hưng yên", "khánh hòa", "kiên giang", "kon tum", "lai châu", "lạng sơn"),
        *("lào cai", "lâm đồng", "long an", "nam định", "nghệ an", "ninh bình", "ninh thuận"),
        *("phú thọ", "phú yên", "quảng bình", "quảng nam", "quảng ngãi", "quảng ninh"),
        *("quảng trị", "sóc trăng", "sơn la", "tây ninh", "thái bình", "thái nguyên", "thanh hóa"),
        *("thừa thiên huế", "tiền giang", "trà vinh", "tuyên quang", "vĩnh long", "vĩnh phúc"),
        *("yên bái", "bà rịa - vũng tàu", "việt nam", "trung quốc", "hàn quốc", "nhật bản"),
        *("thái lan", "liên hợp quốc", "hoa kỳ", "châu âu", "châu á"),
    }
)


# --- telling what a line is -----------------------------------------------------------------------


def page_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a text with their kinds."""
    in_table = False
    for raw in _LINE_END.split(text):
        stripped = raw.strip(_SPACE)
        if "|" in stripped:
            stripped, in_table = _unbarred(stripped, in_table)
        elif stripped:
            in_table = False
        key = unicodedata.normalize("NFC", stripped)
        words = len(key.split()) if len(key) <= _MAX_LABEL else key.count(" ") + 1
        kind, said = _classified(stripped, key, words)
        yield Line(raw.rstrip(), stripped, key, words, kind, said)


def _unbarred(row: str, in_table: bool) -> tuple[str, bool]:
    """Return a row without the bars of a one-cell table, and whether it is of a larger one."""
    cells = [cell for cell in row.split("|") if cell.strip(_SPACE)]
    if "-" in row and not row.strip("|:-" + _SPACE):
        return (row, True) if in_table else ("", False)
    if len(cells) > 1:
        return row, True
    if not cells:
        return "", in_table
    if row[0] == "|" or row[-1] == "|":
        return cells[0].strip(_SPACE), False
    return row, False


def _classified(text: str, key: str, words: int) -> tuple[Kind, Said]:
    if not key:
        return Kind.BLANK, _NOTHING
    if len(key) <= _MAX_LABEL:
        lower = key.lower()
        bare = lower.strip(_ORNAMENTS) or lower
        for kind, pattern in _LABELS:
            if pattern.fullmatch(bare):
                return kind, _label_said(kind, text)
        told = _told(key, lower, words)
        if told is not None:
            return told
        if words <= 10 and (is_name(key) or _is_affiliated(key)):
            return Kind.NAME, _named(key)
    return (Kind.PROSE if _is_prose(key, words) else Kind.TEXT), _NOTHING


def _label_said(kind: Kind, text: str) -> Said:
    if kind is Kind.CAPTION:
        return Said(title=text.partition(":")[2].strip())
    if kind is Kind.SECTION:
        return Said(section=text.strip(_ORNAMENTS))
    return _NOTHING


def _told(key: str, lower: str, words: int) -> tuple[Kind, Said] | None:
    """Return what a line is that says more than a label, or None where it is text."""
    # The tests before the patterns are only there to be quick.
    has_colon = ":" in key
    if (has_colon or ">" in key or "»" in key) and key[-1] not in ".;,":
        if _LINK.fullmatch(key):
            return Kind.LINK, _NOTHING
        match = _CRUMBS.fullmatch(key)
        if match is not None:
            return Kind.CRUMBS, Said(section=_CRUMB_MARK.split(match["rest"])[0])
    if has_colon and words <= 15 and not _ends_sentence(key):
        match = _SOURCE.fullmatch(key)
        if match is not None:
            return Kind.SOURCE, Said(source=match["name"])
    if (has_colon or key[0] == "#") and not _ends_sentence(key):
        match = _TAGS.fullmatch(key)
        if match is not None:
            return Kind.TAGS, Said(tags=_tags(match))
    if words <= 10:
        by = _byline(key, lower, has_colon)
        if by is not None:
            return Kind.BYLINE, by
    dated = _dated(key)
    return None if dated is None else (Kind.DATE, dated)


def _tags(match: re.Match[str]) -> tuple[str, ...]:
    if match["hashed"]:
        return tuple(
            tag for tag in (part.strip(" ,;") for part in match["hashed"].split("#")) if tag
        )
    return tuple(tag.lstrip("#") for tag in split_tags(match["tags"]))


def _ends_sentence(key: str) -> bool:
    return _SENTENCE_END.search(key[-60:]) is not None


def _is_prose(key: str, words: int) -> bool:
    if words < _PROSE_WORDS:
        return False
    if len(key) >= LONG_PROSE:
        return _DATED_END.search(key[-20:]) is None
    return _ends_sentence(key) and not key.endswith(("…", "..."))


def _byline(key: str, lower: str, has_colon: bool) -> Said | None:
    if _STAFF.fullmatch(lower):
        return Said(author=key.strip("()"))
    if lower.startswith(("theo", "(theo")):
        match = _ACCORDING.fullmatch(key)
        if match is not None and len(match["name"].split()) <= 5:
            name = match["name"]
            sure = (name[0].isupper() or _DOMAIN.fullmatch(name)) and name[-1] not in ".,;:…?!"
            return Said(source=name) if sure else None
    match = _AGENCY.fullmatch(key) if lower[0] == "(" else None
    if match is not None:
        return Said(source=match["name"])
    if has_colon:
        match = _AUTHOR_LABEL.fullmatch(key)
        if match is not None and is_name(match["name"]):
            return _named(match["name"])
    return None


def _named(text: str) -> Said:
    """Return the writer in a name line, and the source in brackets behind: "Hà My (theo BBC)"."""
    inner = _IN_BRACKETS.search(text)
    if inner is None:
        return Said(author=text)
    according = _ACCORDING.fullmatch(inner["inside"])
    return Said(author=text[: inner.start()], source=according["name"] if according else "")


def is_name(text: str) -> bool:
    """Whether a line may be one or several names: "Hoàng Tùng", "Hà My - Nguyễn Hải (t/h)"."""
    name = _ROLE.sub("", _IN_BRACKETS.sub("", text).strip(), count=1)
    if not name or len(name) > 60 or name.lower() in _PLACES:
        return False
    parts = [part.split() for part in _NAME_JOIN.split(name)]
    return (
        all(1 <= len(part) <= 4 for part in parts)
        and any(len(part) > 1 for part in parts)
        and all(
            word[0].isupper() and word.replace(".", "").replace("-", "").isalpha()
            for part in parts
            for word in part
        )
    )


def _is_affiliated(text: str) -> bool:
    """Whether a line may be a name and its office: "Lê Thị Lan - Văn phòng UBND huyện"."""
    parts = _AFFILIATION.split(text)
    return (
        len(parts) == 2
        and is_name(parts[0])
        and has_surname(parts[0])
        and parts[1][0].isupper()
        and len(parts[1].split()) <= 5
        and not _ends_sentence(text)
    )


def has_surname(text: str) -> bool:
    """Whether a name begins with a Vietnamese family name."""
    return bool(text) and text.split()[0].lower() in _SURNAMES


def _dated(key: str) -> Said | None:
    """Return what a line says that is a date and nothing else but labels, a name or a section."""
    found = find_date(key) if any(char.isdigit() for char in key) else None
    if found is None:
        return None
    rest = " ".join(_DATE_LABEL.sub(" ", found.rest).split())
    if not rest:
        return Said(published=found.value)
    if _DOMAIN.fullmatch(rest):
        return Said(published=found.value, source=rest.strip("()"))
    if _SECTION.fullmatch(rest.lower()):
        return Said(published=found.value, section=rest)
    if is_name(rest) and has_surname(rest):
        return Said(published=found.value, author=rest)
    if is_name(rest) and isinstance(found.value, datetime):
        return Said(published=found.value)
    return None


def split_site(title: str) -> tuple[str, str]:
    """Cut the site's name off a page's title: "Giá vàng tăng - Báo Lao Động"."""
    match = _SITE_SUFFIX.search(title)
    if match is None or not match.start():
        return title, ""
    return title[: match.start()], match["site"]
