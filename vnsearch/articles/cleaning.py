"""Telling an article from the page around it, in the plain text of Vietnamese news pages.

The page is taken line by line. Every line gets a kind from its own words (a date line, a heading
such as "Tin khác", a share button, ...); where it stands decides whether that kind counts: labels
such as "Chia sẻ" are furniture above and below the article, and words of it in between. A text
with no paragraph of prose, or with nothing on it that only pages have, is left whole.

The words are those that national papers (VnExpress, Tuổi Trẻ, Thanh Niên, Dân trí, VietNamNet,
VOV, Báo Chính phủ) and the portals of provinces and districts put around their articles; they
are matched on whole lines in NFC, in any case.
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

__all__ = ["CleanedPage", "clean_news_text"]


@dataclass(frozen=True, slots=True)
class CleanedPage:
    """What a page says, told apart; ``removed`` are the lines that went into nothing else."""

    title: str = ""
    body: str = ""
    published: datetime | date | None = None
    author: str = ""
    source: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class _Kind(Enum):
    BLANK = auto()
    TEXT = auto()
    PROSE = auto()  # a paragraph of whole sentences
    DATE = auto()
    BYLINE = auto()  # a line that can be nothing else: "Tác giả: ...", "(Theo TTXVN)"
    NAME = auto()  # a short line that may be a writer's name
    SOURCE = auto()
    TAGS = auto()
    TAGS_HEADING = auto()
    CRUMBS = auto()
    CAPTION = auto()  # the page's title repeated under its QR code
    HEADING = auto()  # of a list that only pages have: "Tin liên quan"
    WEAK_HEADING = auto()  # a heading that documents have too: "Đọc thêm"
    END = auto()  # the comment box: nothing after it is the article's
    LINK = auto()  # a heading and its one item: "Xem thêm: ..."
    JUNK = auto()  # words only a page has
    BUTTON = auto()  # words that are furniture at the edges only
    RULE = auto()  # "***", "---"


# --- the words on pages -----------------------------------------------------------------------


def _whole(*patterns: str) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(patterns) + r")", re.IGNORECASE)


_LIST_HEADING = _whole(
    r"(?:các |những )?(?:tin|bài)(?: tức| viết| bài)* (?:khác|liên quan|mới hơn|cũ hơn|cùng (?:chuyên )?mục"
    r"|cùng chủ đề|cùng loại|đã đưa|đã đăng|trước đó|tiếp theo|tương tự|nổi bật khác)(?: khác)?",
    r"cùng (?:chuyên mục|chủ đề|tác giả)",
    r"thông tin (?:khác|liên quan)",
    r"(?:có thể )?bạn (?:có thể )?(?:cũng )?quan tâm",
    r"(?:tin|bài)(?: viết| tức)? (?:đọc|xem) nhiều(?: nhất)?",
    r"(?:tin|bài)(?: viết| tức)? (?:mới nhất|mới|nổi bật|tiêu điểm|nóng|hot|hay)",
    r"(?:đọc|xem) nhiều(?: nhất)?",
    r"(?:mới|nổi bật)(?: nhất)? trong (?:ngày|tuần|mục)",
    r"tiện ích thông tin",
    r"chúng tôi trên mạng xã hội",
    r"(?:tin|bài) cùng (?:sự kiện|tuyến bài)",
    r"(?:các )?(?:tin|bài)(?: viết)? trong (?:chuyên mục|tuyến bài)",
    r"related (?:articles|news|posts)",
)
_WEAK_HEADING = _whole(
    r"đọc (?:thêm|tiếp)",
    r"(?:mời |mời bạn |mời độc giả )?xem (?:thêm|tiếp)",
    r"liên quan",
    r"chủ đề liên quan",
    r"dòng sự kiện",
    r"tiêu điểm",
    r"nổi bật",
    r"bình luận|ý kiến",
    r"tài trợ|quảng cáo|được tài trợ",
    r"văn bản (?:mới|liên quan)|thông báo(?: mới)?|liên kết (?:website|web|trang)?",
)
_END = _whole(
    r"bình luận\s*\(\d+\)",
    r"\d+ bình luận",
    r"(?:gửi|viết|thêm|nhập) (?:bình luận|ý kiến|phản hồi|nhận xét)(?: của bạn)?",
    r"(?:bình luận|ý kiến|phản hồi|nhận xét) (?:của )?(?:bạn|bạn đọc|độc giả)(?: về bài viết.*)?(?:\s*\(\d+\))?",
    r"(?:hãy )?(?:là|trở thành) người đầu tiên bình luận.*",
    r"chưa có bình luận(?: nào)?.*",
    r"vui lòng đăng nhập để (?:gửi |viết )?bình luận.*",
    r"leave a (?:reply|comment)",
    r"(?:©|copyright|bản quyền (?:thuộc|©)|® ?ghi rõ nguồn).*",
    r"(?:cơ quan chủ quản|chịu trách nhiệm (?:nội dung|chính)|giấy phép (?:số|hoạt động|thiết lập)|tổng biên tập|"
    r"trưởng ban biên tập|tòa soạn|toà soạn)\s*[:：].*",
    r"giấy phép (?:báo điện tử|báo chí|thiết lập|hoạt động|ttđt|trang thông tin).*",
    r"ghi rõ nguồn .{0,80}khi (?:phát hành|sử dụng|đăng|trích dẫn).*",
)
_LINK = re.compile(
    r"(?:[>»*•▶►+\-–|]\s*)*(?:(?:mời )?(?:(?:bạn |độc giả )?(?:xem|đọc) (?:thêm|tiếp|ngay))"
    r"|(?:tin|bài)(?: viết)? liên quan|có thể bạn quan tâm)\s*[:>»]+\s*\S.{5,200}",
    re.IGNORECASE,
)
_JUNK = _whole(
    r"(?:this|our) (?:web)?site uses cookies.*",
    r"(?:trang(?: web)?|website)(?: này)? (?:có )?sử dụng cookies?\b.*",
    r"(?:we use|chúng tôi (?:có )?sử dụng) cookies?\b.*",
    r"(?:accept|decline|reject|allow)(?: all)?(?: cookies)?|đồng ý (?:sử dụng )?cookies?",
    r"read more\W*|learn more\W*",
    r"\(0\)",
    r"(?:\d(?:[.,]\d)?\s?/\s?5\s*)?\(?\d+ (?:lượt |phiếu )?(?:đánh giá|bình chọn|votes?)\)?",
    r"mời bạn là người đầu tiên.*",
    r"(?:hãy )?(?:đánh giá|xếp hạng) (?:bài viết|bài|tin)(?: này)?",
    r"(?:điểm|tổng số điểm) (?:trung bình|của bài viết)(?: là)?\s*:.*",
    r"click để đánh giá bài viết",
    r"(?:mã )?qr ?code(?: .*)?",
    r"!\[[^\]]*\](?:\([^)]*\))?",
    r"(?:theo dõi|follow) .{2,60}(?:trên|tại|on) (?:google news|facebook|zalo|youtube|tiktok|telegram).*",
    r"(?:đăng ký|đăng kí) (?:nhận (?:bản )?tin|theo dõi kênh)\b.*",
    r"(?:tải|cài đặt) (?:app|ứng dụng) .{2,60}",
    r"(?:lượt xem|số lần đọc|số lượt xem|lượt đọc|đã xem|views?)\s*:\s*[\d.,]+",
    r"[\d.,]+ (?:lượt xem|lượt đọc|views)",
    r"(?:chọn )?(?:cỡ chữ|kích thước chữ|kiểu chữ|cỡ chữ đọc bài)\b.{0,20}",
    r"a\s*[-–]\s*a\s*a?\s*\+?|a-\s*a\+|[-+]?a[-+]",
    r"(?:nghe|đọc) (?:bài viết|bài báo|nội dung bài)|đọc bài viết\s*\d.*",
    r"(?:giọng (?:nữ|nam)(?: miền (?:bắc|nam|trung))?|nữ miền (?:bắc|nam)|nam miền (?:bắc|nam))",
    r"(?:your browser|trình duyệt của bạn) (?:does not|không) (?:support|hỗ trợ).*",
    r"skip to (?:main )?content",
)
_BUTTON = _whole(
    r"(?:chia sẻ|share)(?: (?:bài viết|bài|tin|qua|trên|lên))?(?: (?:này|facebook|zalo|twitter|mạng xã hội))?\s*:?",
    r"(?:facebook|zalo|twitter|tweet|pinterest|linkedin|telegram|messenger|email|gmail|youtube|tiktok|google\+?|x|"
    r"copy link|sao chép(?: liên kết| link)?|link|rss|viber|whatsapp)",
    r"(?:in|in bài|in ấn|in trang|in bài viết|in tin này|bản in|print|print this)",
    r"(?:lưu|lưu bài(?: viết)?|thích|like|quan tâm|báo lỗi|gửi email|gửi cho bạn bè|gửi|đánh dấu|gốc)",
    r"(?:quay lại|trở về|trở lại|về trang chủ|lên đầu trang|về đầu trang|back to top|trang chủ|home)",
    r"(?:đăng nhập|đăng ký|login|menu|tìm kiếm|search|đóng|close|hủy|gửi đi|ok|liên hệ|giới thiệu|english)",
    r"(?:nguồn(?: tin)?|tác giả|từ khoá|từ khóa|tags?|bình luận|thời sự|video|ảnh|photo|infographic|podcast|"
    r"e-?magazine|media|multimedia|longform|trước|sau|tiếp|next|previous|xem tất cả|xem chi tiết|chi tiết)\s*:?",
    r"\(?\d{1,4}\)?|[\W_]{1,5}",
)
_CAPTION = re.compile(r"(?:mã )?qr ?code\s*:\s*(?P<title>\S.*)", re.IGNORECASE)
_CRUMBS = re.compile(
    r"(?:trang chủ|trang nhất|home)\s*(?:[>»›/\\|]|-{1,2}>?|→|::)\s*(?P<section>\S.*)",
    re.IGNORECASE,
)
_CRUMB_MARK = re.compile(r"\s*(?:[>»›/\\|]|-->?|→|::)+\s*")
_SOURCE = re.compile(
    r"\(?(?:nguồn(?: tin| bài(?: viết)?| ảnh và tin| dẫn| trích)?|theo nguồn(?: tin)?|link gốc|source)\s*:\s*"
    r"(?P<name>\S.{0,100}?)\)?",
    re.IGNORECASE,
)
_TAGS = re.compile(
    r"(?:(?:từ kh(?:óa|oá)|tags?|thẻ|chủ đề|keywords?)(?: (?:liên quan|tìm kiếm|bài viết))?\s*:\s*(?P<tags>\S.*)"
    r"|(?P<hash>#\w[\w-]*(?:[\s,;]+#\w[\w-]*)*))",
    re.IGNORECASE,
)
_TAGS_HEADING = _whole(r"(?:từ kh(?:óa|oá)|tags?|keywords?)(?: (?:liên quan|tìm kiếm))?\s*:?")
_LABELLED_AUTHOR = re.compile(
    r"\(?(?:tác giả|người viết|thực hiện|bài(?: viết)?(?: và ảnh|, ảnh)?|tin(?: và)?(?:,)? ảnh|tin, bài|tin bài|"
    r"biên tập|nội dung|phóng viên)\s*:\s*(?P<name>\S.{1,80}?)\)?",
    re.IGNORECASE,
)
_ACCORDING = re.compile(r"\(?theo\s*:?\s+(?P<name>(?-i:[A-ZĐÀ-Ỹ0-9]).{0,60}?)\)?", re.IGNORECASE)
_STAFF = _whole(r"\(?(?:pv|p\.v\.?|btv|ban biên tập|bbt|b\.b\.t|nhóm (?:pv|phóng viên)|ctv)\)?")
_DATE_LABELS = re.compile(
    r"\b(?:ngày|giờ|thời gian)?\s*(?:đăng(?: tải| tin| bài)?|cập nhật|xuất bản|tạo|phát hành|publish(?:ed)?|"
    r"posted|updated)(?: lúc| vào| ngày| on| at| cuối| lần cuối)*\b"
    r"|\b(?:print|gốc|in|gmt|xem|lượt xem|lượt đọc|views?|chia sẻ|share|bình luận|phút đọc|by|bởi|thời gian|"
    r"facebook|zalo|email|đã|thứ|sáng|chiều|tối|trưa)\b|\d+|[\W_]+",
    re.IGNORECASE,
)
_SITE_SUFFIX = re.compile(
    r"\s+(?:[|»]|[-–—])\s+(?P<site>(?:báo|tạp chí|cổng thông tin|trang (?:thông tin|tin)|đài)\b[^|]{2,60}"
    r"|[\w-]+\.(?:vn|com|net|org)(?:\.vn)?"
    r"|vnexpress|tuổi trẻ(?: online)?|thanh niên|dân trí|vietnamnet|vietnamplus|vov|vtv|vtc(?: news)?|lao động|"
    r"người lao động|tiền phong|zing ?news|znews|kenh14|cafef|soha|24h|nhân dân)",
    re.IGNORECASE,
)
_ENDS_SENTENCE = re.compile(r"[.!?:;…][\"'”’»)\]]*$|[.!?…][\"'”’»)\]]*\s*\([^()]{2,40}\)$|\./\.$")
_CUT_OFF = re.compile(r"(?:…|\.\.\.)$")
_BULLET = re.compile(r"(?:[-–—•*+●○■□▪►▶>»]|\d{1,3}[.)]|[a-zđ][.)])\s+")
_TABLE_RULE = re.compile(r"\|?[\s|:-]*-{2,}[\s|:-]*\|?")
_RULE = re.compile(r"(?:[*_=~–—-]\s?){3,}")

_IN_BRACKETS = re.compile(r"\s*\((?P<inside>[^()]{1,40})\)$")
_NAME_JOIN = re.compile(r"\s*[,/&+;]\s*|\s+[-–—]\s+|\s+và\s+")
_DATED_END = re.compile(r"\(?\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\)?$")
_DOMAIN = re.compile(r"\(?[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org)\)?", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_SPACE = " \t\f\v\xa0\u200b\u200e\u200f\ufeff"
_ORNAMENTS = _SPACE + "*#>»›:•_|…–—▶►▪■"
_MAX_LABEL = 300
_PROSE_WORDS = 15

# The first that fits a whole line (without ornaments) is the line's kind.
_LABELS = (
    (_Kind.RULE, _RULE),
    (_Kind.CAPTION, _CAPTION),
    (_Kind.JUNK, _JUNK),
    (_Kind.HEADING, _LIST_HEADING),
    (_Kind.END, _END),
    (_Kind.WEAK_HEADING, _WEAK_HEADING),
    (_Kind.TAGS_HEADING, _TAGS_HEADING),
    (_Kind.BUTTON, _BUTTON),
)

_SURNAMES = frozenset(
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh đoàn trịnh mai đào "
    "lâm cao hà lương tạ tô trương vương tống thái châu quách chu kiều phùng đàm lưu hứa nghiêm thạch "
    "tăng quang văn triệu khương la lục mạc ninh phí quản sầm thân tôn từ ưng viên bạch cù doãn giang".split()
)
# Two- and three-word places that newspapers print alone on a line.
_PLACES = frozenset(
    ("hà nội", "việt nam", "hải phòng", "đà nẵng", "cần thơ", "hồ chí minh", "trung quốc", "hàn quốc",
     "nhật bản", "liên hợp quốc", "hoa kỳ", "châu âu", "châu á")
)  # fmt: skip

_EVIDENCE = {
    _Kind.HEADING: 2,
    _Kind.END: 2,
    _Kind.JUNK: 2,
    _Kind.CAPTION: 2,
    _Kind.CRUMBS: 2,
    _Kind.DATE: 2,
    _Kind.SOURCE: 2,
    _Kind.BYLINE: 2,
    _Kind.TAGS: 1,
    _Kind.LINK: 1,
    _Kind.WEAK_HEADING: 1,
}
_ENOUGH = 2
_LONG_PROSE = 200
"""A paragraph this long (code points) under a list heading is the article going on, no teaser."""


@dataclass(slots=True)
class _Line:
    """A line as it stands, without space and table bars around it, and that in NFC."""

    raw: str
    text: str
    key: str
    kind: _Kind = _Kind.TEXT

    @property
    def words(self) -> int:
        return len(self.key.split())


# --- the page -------------------------------------------------------------------------------------


def clean_news_text(text: str, *, title: str | None = None) -> CleanedPage:
    """Tell title, date, byline, source, tags and body of a news page's plain text apart.

    ``title`` is the page's title where it is known from elsewhere: its line is then taken out of
    the body, and no other for it. Never raises for any str. Every line of the body is one of
    ``text``, in order, without space and table bars around it; blank lines in a row become one.
    A text with no prose, or with nothing on it that only pages have, keeps its lines as they are.
    """
    return _Page(text, title).cleaned()


class _Page:
    """The lines of one page on their way to a `CleanedPage`."""

    def __init__(self, text: str, title: str | None) -> None:
        self._lines = list(_lines(text))
        self._gone: set[int] = set()  # lines that are no part of the body
        self._used: set[int] = set()  # those of them that became a field
        self._title = title or ""
        self._title_known = title is not None
        self._published: datetime | date | None = None
        self._authors: list[str] = []
        self._source = ""
        self._section = ""
        self._tags: list[str] = []

    def cleaned(self) -> CleanedPage:
        prose = self._of_kind(_Kind.PROSE)
        is_page = bool(prose) and self._evidence(prose) >= _ENOUGH
        if is_page:
            self._cut_lists()
            self._cut_furniture()
        if prose:
            self._find_title(is_page)
            self._find_bylines(is_page)
        body = self._body(is_page)
        if not body:
            self._gone.clear()
            body = self._body(False)
        return CleanedPage(
            self._title,
            body,
            self._published,
            ", ".join(dict.fromkeys(self._authors)),
            self._source,
            self._section,
            tuple(dict.fromkeys(self._tags)),
            tuple(self._lines[at].text for at in sorted(self._gone - self._used)),
        )

    def _of_kind(self, *kinds: _Kind) -> list[int]:
        """Return where lines of these kinds stand in what is left of the page."""
        return [
            at for at, line in enumerate(self._lines) if line.kind in kinds and at not in self._gone
        ]

    def _left(self) -> list[int]:
        return [
            at
            for at, line in enumerate(self._lines)
            if line.kind is not _Kind.BLANK and at not in self._gone
        ]

    def _next(self, at: int) -> int:
        """Return the next line that is not blank, or the number of lines."""
        at += 1
        while at < len(self._lines) and self._lines[at].kind is _Kind.BLANK:
            at += 1
        return at

    def _kind_at(self, at: int) -> _Kind:
        return self._lines[at].kind if at < len(self._lines) else _Kind.BLANK

    def _take(self, at: int) -> None:
        self._gone.add(at)
        self._used.add(at)

    def _evidence(self, prose: list[int]) -> int:
        """Weigh what shows that this is a page: dates, names and sources at its edges only."""
        head = prose[min(1, len(prose) - 1)]
        at_edges = {_Kind.DATE, _Kind.SOURCE, _Kind.BYLINE, _Kind.TAGS}
        return sum(
            _EVIDENCE.get(line.kind, 0)
            for at, line in enumerate(self._lines)
            if line.kind not in at_edges or not head < at < prose[-1]
        )

    # --- lists of other articles

    def _cut_lists(self) -> None:
        total = sum(len(line.key) for line in self._lines if line.kind is _Kind.PROSE)
        before = 0
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            end = at + 1
            if line.kind is _Kind.PROSE:
                before += len(line.key)
            elif before and line.kind in (_Kind.HEADING, _Kind.WEAK_HEADING):
                end = self._list_end(at)
            elif line.kind is _Kind.END and 2 * before >= total:
                end = len(self._lines)
            if end > at + 1 or line.kind in (_Kind.HEADING, _Kind.WEAK_HEADING, _Kind.END):
                self._gone.update(
                    place for place in range(at, end) if self._lines[place].kind is not _Kind.BLANK
                )
            at = end

    def _list_end(self, heading: int) -> int:
        """Return the line on which the article goes on after a list, or the number of lines.

        It goes on with a long paragraph, or with a shorter one that another, or a byline,
        follows. A paragraph with a date under it is a teaser.
        """
        at = first = self._next(heading)
        while at < len(self._lines):
            if self._kind_at(at) is _Kind.PROSE:
                after = self._next(at)
                kind = self._kind_at(after)
                goes_on = (
                    at == first
                    or len(self._lines[at].key) >= _LONG_PROSE
                    or kind in (_Kind.BYLINE, _Kind.SOURCE)
                    or (kind is _Kind.NAME and _has_surname(self._lines[after].key))
                    or (kind is _Kind.PROSE and self._kind_at(self._next(after)) is not _Kind.DATE)
                )
                if goes_on and kind is not _Kind.DATE:
                    return at
            at = self._next(at)
        return len(self._lines)

    # --- single lines

    def _cut_furniture(self) -> None:
        prose = self._of_kind(_Kind.PROSE)
        first, last = prose[0], prose[-1]
        head = prose[min(1, len(prose) - 1)]
        for at, line in enumerate(self._lines):
            in_list = at in self._gone
            at_top, at_edge = at < first and not in_list, at < first or at > last
            match line.kind:
                case _Kind.JUNK | _Kind.LINK:
                    self._gone.add(at)
                case _Kind.BUTTON | _Kind.RULE if at_edge:
                    self._gone.add(at)
                case _Kind.CAPTION:
                    self._take_caption(at)
                case _Kind.CRUMBS if at_top:
                    self._take_crumbs(at)
                case _Kind.DATE if not in_list and (at < head or at > last):
                    self._take_date(at)
                case _Kind.SOURCE if at_edge:
                    self._take_source(at)
                case _Kind.TAGS if at_edge:
                    self._take_tags(at)
                case _Kind.TAGS_HEADING if at_edge:
                    self._take_tag_lines(at)

    def _take_caption(self, at: int) -> None:
        self._gone.add(at)
        if not self._title_known:
            self._title = self._title or self._lines[at].text.partition(":")[2].strip()
            self._used.add(at)

    def _take_crumbs(self, at: int) -> None:
        self._take(at)
        crumbs = [crumb for crumb in _CRUMB_MARK.split(self._lines[at].text) if crumb]
        if len(crumbs) > 1 and not self._section:
            self._section = crumbs[1]

    def _take_date(self, at: int) -> None:
        found = find_date(self._lines[at].key)
        if found is None:
            return
        self._take(at)
        if self._published is None:
            self._published = found.value
            rest = _date_rest(found.rest)
            if _has_surname(rest) and _is_name(rest):
                self._authors.append(rest)

    def _take_source(self, at: int) -> None:
        match = _SOURCE.fullmatch(self._lines[at].key)
        if match is not None:
            self._take(at)
            self._source = self._source or match["name"]

    def _take_tags(self, at: int) -> None:
        match = _TAGS.fullmatch(self._lines[at].key)
        if match is None:
            return
        self._take(at)
        if match["hash"]:
            self._tags += [tag.strip("#,; ") for tag in match["hash"].split("#") if tag.strip()]
        else:
            self._tags += (tag.lstrip("#") for tag in split_tags(match["tags"]))

    def _take_tag_lines(self, at: int) -> None:
        """Take the short lines under "Từ khóa:"."""
        self._gone.add(at)
        at = self._next(at)
        while self._kind_at(at) in (_Kind.TEXT, _Kind.NAME) and self._lines[at].words <= 6:
            self._take(at)
            self._tags.append(self._lines[at].text.strip("#,; "))
            at = self._next(at)

    # --- title and names

    def _find_title(self, is_page: bool) -> None:
        left = self._left()
        if not self._title and not self._title_known and len(left) > 1:
            at = left[0]
            follower = self._lines[left[1]]
            set_apart = at + 1 < left[1] or follower.kind is _Kind.PROSE
            if _is_headline(self._lines[at]) and (is_page or set_apart):
                is_kicker = self._lines[at].words <= 4 and not set_apart
                if is_kicker and _is_headline(follower) and follower.words > 4 and len(left) > 2:
                    self._section = self._section or self._lines[at].text
                    self._take(at)
                    at = left[1]
                self._title = self._lines[at].text.lstrip("# ")
                self._take(at)
        suffix = _SITE_SUFFIX.search(self._title)
        if suffix is not None and suffix.end() == len(self._title) and suffix.start():
            self._source = self._source or suffix["site"]
            self._title = self._title[: suffix.start()]
        # Some pages print the title twice, in the breadcrumbs or above the picture.
        for at in self._left()[:6]:
            if _same(self._lines[at].text.lstrip("# "), self._title):
                self._take(at)

    def _find_bylines(self, is_page: bool) -> None:
        if not is_page and not self._title:
            return
        left = self._left()
        for at in reversed(left[1:][-4:]):
            line = self._lines[at]
            if line.kind is _Kind.BYLINE or (
                line.kind is _Kind.NAME
                and (_has_surname(line.key) or (is_page and line.key.lower() not in _PLACES))
            ):
                self._take_byline(at)
            else:
                break
        if is_page:
            for at in left:
                line = self._lines[at]
                if line.kind is _Kind.PROSE:
                    break
                if line.kind is _Kind.BYLINE or (
                    line.kind is _Kind.NAME and _has_surname(line.key)
                ):
                    self._take_byline(at)

    def _take_byline(self, at: int) -> None:
        self._take(at)
        key = self._lines[at].key
        according = _ACCORDING.fullmatch(key)
        if according is not None:
            self._source = self._source or according["name"]
            return
        labelled = _LABELLED_AUTHOR.fullmatch(key)
        name = labelled["name"] if labelled else key.strip("() ")
        inner = _IN_BRACKETS.search(name)
        if inner is not None:
            name = name[: inner.start()].strip()
            according = _ACCORDING.fullmatch(inner["inside"])
            if according is not None:
                self._source = self._source or according["name"]
        self._authors.insert(0, name)

    def _body(self, is_page: bool) -> str:
        body: list[str] = []
        for at, line in enumerate(self._lines):
            if at in self._gone:
                continue
            if line.kind is not _Kind.BLANK:
                body.append(line.text if is_page else line.raw)
            elif not is_page or (body and body[-1]):
                body.append("")
        return "\n".join(body).strip("\n")


# --- the lines ------------------------------------------------------------------------------------


def _lines(text: str) -> Iterator[_Line]:
    in_table = False
    for raw in _LINE_END.split(text):
        stripped = raw.strip(_SPACE)
        cells = [cell for cell in stripped.split("|") if cell.strip(_SPACE)]
        if "|" in stripped and len(cells) == 1 and stripped[0] + stripped[-1] != "||":
            # A bar at one end only is what is left of a one-cell table too.
            is_cell = stripped.startswith("|") or stripped.endswith("|")
        else:
            is_cell = "|" in stripped and len(cells) <= 1
        if is_cell and not (in_table and _TABLE_RULE.fullmatch(stripped)):
            stripped = cells[0].strip(_SPACE) if cells else ""
        in_table = len(cells) > 1 or (in_table and "|" in stripped)
        line = _Line(raw.rstrip(), stripped, unicodedata.normalize("NFC", stripped))
        line.kind = _kind(line)
        yield line


def _kind(line: _Line) -> _Kind:
    key = line.key
    if not key:
        return _Kind.BLANK
    bare = key.strip(_ORNAMENTS)
    if len(key) <= _MAX_LABEL:
        for kind, pattern in _LABELS:
            if pattern.fullmatch(bare or key):
                return kind
        if _LINK.fullmatch(key) and key[-1] not in ".;,":
            return _Kind.LINK
        ends = _ENDS_SENTENCE.search(key) is not None
        if _CRUMBS.fullmatch(key) and not ends:
            return _Kind.CRUMBS
        if line.words <= 15 and not ends and _SOURCE.fullmatch(key):
            return _Kind.SOURCE
        if not ends and _TAGS.fullmatch(key):
            return _Kind.TAGS
        if line.words <= 10 and _is_byline(key):
            return _Kind.BYLINE
        if _is_date_line(key):
            return _Kind.DATE
        if _is_name(key):
            return _Kind.NAME
    return _Kind.PROSE if _is_prose(line) else _Kind.TEXT


def _is_prose(line: _Line) -> bool:
    if line.words < _PROSE_WORDS:
        return False
    if len(line.key) >= _LONG_PROSE:
        return _DATED_END.search(line.key) is None
    return _ENDS_SENTENCE.search(line.key) is not None and _CUT_OFF.search(line.key) is None


def _is_headline(line: _Line) -> bool:
    """Whether a line may be a title: a few words, no sentence, no item of a list."""
    text = line.key.lstrip("# ")
    return (
        2 <= line.words <= 40
        and len(text) <= 300
        and text[-1] not in ".,;:…"
        and line.kind in (_Kind.TEXT, _Kind.NAME, _Kind.PROSE)
        and _BULLET.match(text) is None
    )


def _is_byline(key: str) -> bool:
    if _STAFF.fullmatch(key) or _ACCORDING.fullmatch(key):
        return key[-1] not in ".,;:…?!" or _STAFF.fullmatch(key) is not None
    labelled = _LABELLED_AUTHOR.fullmatch(key)
    return labelled is not None and _is_name(labelled["name"])


def _is_name(text: str) -> bool:
    """Whether a line may be one or several names: "Hoàng Tùng", "Hà My - Nguyễn Hải (theo BBC)"."""
    text = _IN_BRACKETS.sub("", text).strip()
    parts = [part.split() for part in _NAME_JOIN.split(text)]
    return (
        len(text) <= 60
        and all(1 <= len(part) <= 4 for part in parts)
        and any(len(part) > 1 for part in parts)
        and all(
            word[0].isupper() and word.replace(".", "").isalpha() for part in parts for word in part
        )
    )


def _has_surname(text: str) -> bool:
    return text.split()[0].lower() in _SURNAMES if text.strip() else False


def _is_date_line(key: str) -> bool:
    if not any(char.isdigit() for char in key):
        return False
    found = find_date(key)
    if found is None:
        return False
    rest = _date_rest(found.rest)
    if not rest or _DOMAIN.fullmatch(rest):
        return True
    if len(rest.split()) > 5:
        return False
    timed = isinstance(found.value, datetime)
    return (_is_name(rest) and _has_surname(rest)) or (timed and rest[-1] not in ".?!")


def _date_rest(rest: str) -> str:
    """Return what a date line says besides date, time and the labels that go with them."""
    return " ".join(_DATE_LABELS.sub(" ", rest).split())


def _same(one: str, other: str) -> bool:
    return bool(one) and " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
