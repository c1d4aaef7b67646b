"""Queries in English, mixed and in codes find what they should, first, and are not mangled."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import vnsearch

ARTICLES = {
    "ml": "Khóa học machine learning dành cho sinh viên, thực hành deep learning mỗi tuần.",
    "washing": "Máy giặt mới tiết kiệm điện, người dùng học cách sử dụng máy mỗi tuần.",
    "iphone": "Giá iPhone 15 Pro giảm mạnh, bản Pro Max cũng rẻ hơn tại các cửa hàng.",
    "samsung": "Giá điện thoại Samsung giảm mạnh tại các cửa hàng, 15 mẫu được bán.",
    "cpp": "Lập trình C++ nâng cao: con trỏ, bộ nhớ và khuôn mẫu cho người học.",
    "csharp": "Lập trình C# cơ bản: lớp, đối tượng và giao diện cho người học.",
    "c": "Vitamin C có nhiều trong cam, chanh, ổi và rau xanh.",
    "decree": "Theo Nghị định 100/2019/NĐ-CP, tài xế uống rượu bia bị phạt nặng.",
    "decree2": "Theo Nghị định 171/2013/NĐ-CP, vượt đèn đỏ bị phạt; nay đã có quy định mới 2019.",
    "phone": "Đường dây nóng 0912 345 678 nhận phản ánh của người dân cả ngày lẫn đêm.",
    "phone2": "Đường dây nóng 0912 999 111 trả lời thắc mắc của khách hàng.",
    "mail": "Bạn đọc gửi bài cộng tác về địa chỉ a@b.vn của tòa soạn.",
    "school": "Bé học nói tiếng Anh: I go to school every day, my mother goes to work.",
    "gold": "Vàng ròng to bằng nắm tay được tìm thấy ở mỏ, thợ mỏ gõ mãi mới vỡ.",
    "u23": "Đội tuyển U23 Việt Nam thắng trận mở màn giải châu Á trên sân khách.",
    "u19": "Đội tuyển U19 Việt Nam hòa trận mở màn giải Đông Nam Á trên sân nhà.",
    "covid": "Ca nhiễm COVID-19 giảm, bộ y tế khuyên người dân đeo khẩu trang.",
    "flu": "Ca cúm mùa tăng ở 19 tỉnh, bộ y tế khuyên người dân tiêm phòng.",
    "hcm": "Kẹt xe kéo dài ở TP.HCM dịp cuối năm, nhiều tuyến phố đông nghẹt.",
    "hcm2": "Thành phố Hồ Chí Minh họp bàn về ngập nước, nhiều quận bị ảnh hưởng.",
    "hanoi": "Kẹt xe kéo dài ở Hà Nội dịp cuối năm, thủ đô tăng xe buýt.",
    "total": "Cả nước có 319.035 thí sinh dự thi, tăng nhẹ so với năm trước.",
    "total2": "Cả nước có 319 trường mở thêm ngành, 35 trường ngừng tuyển.",
    "5k": "Thông điệp 5K gồm khẩu trang, khử khuẩn, khoảng cách, không tụ tập, khai báo.",
    "f0": "Bệnh nhân F0 điều trị tại nhà được cấp thuốc miễn phí.",
    "f1": "Người là F1 cách ly tại nhà bảy ngày.",
    "date": "Lễ khai mạc diễn ra ngày 12/3 tại sân vận động tỉnh.",
    "date2": "Lễ bế mạc diễn ra ngày 25/4 tại sân vận động tỉnh.",
    "tgdd": "Thế Giới Di Động đóng hàng loạt cửa hàng, lãi giảm một nửa.",
    "world": "Thế giới biến động, giá dầu tăng, giới đầu tư lo ngại.",
    "percent": "Tỷ lệ đỗ tốt nghiệp đạt 97,58%, cao nhất trong nhiều năm.",
    "wifi": "Mạng Wi-Fi miễn phí phủ sóng khu chợ đêm và nhà ga.",
    "bot": "Trạm BOT Cai Lậy thu phí trở lại, tài xế phản đối.",
    "baking": "Bột mì, bột nở và đường là nguyên liệu làm bánh.",
    "it": "Ngành IT thiếu nhân lực, lương khởi điểm cao.",
    "few": "Ít người dân tham gia, lương thấp, ngành nghề cũ.",
    "emoji": "Đội tuyển vô địch 🏆🎉, cổ động viên ăn mừng suốt đêm ở trung tâm.",
    "china": "Thủ đô Bắc Kinh (北京) đón tuyết đầu mùa, Cố Cung 故宫 đông khách.",
    "url": "Xem hướng dẫn nộp hồ sơ tại https://dichvucong.gov.vn/huong-dan trước khi đến.",
    "model": "Điện thoại Samsung Galaxy S21 Ultra 5G và máy ảnh Canon EOS R5 giảm giá.",
    "model2": "Galaxy A52 và Galaxy A12 là hai mẫu giá rẻ của hãng.",
    "isodate": "Báo cáo lập ngày 2021-03-12 nêu ba kiến nghị của hiệp hội.",
    "viet": "Lễ ký diễn ra ngày 30/4/1975 và được ghi lại trong phim tài liệu.",
    "units": "Tốc độ tối đa 120km/h, công suất 150 kW, dung tích 2.0L, nặng 1,5 tấn.",
    "temp": "Nhiệt độ lên tới 39°C, độ ẩm 80%, có nơi trên 40 độ.",
    "caps": "CHÍNH PHỦ HỌP BÀN VỀ PHÁT TRIỂN KINH TẾ BIỂN ĐẢO",
    "winpath": r"Chép tệp vào C:\Windows\System32\drivers\etc rồi khởi động lại máy.",
    "unix": "Tệp cấu hình nằm ở /etc/nginx/nginx.conf, sửa xong chạy systemctl restart nginx.",
    "long": "Mã giao dịch a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1b2 đã lưu.",
    "money": "Giá vàng SJC 56,45 triệu đồng/lượng, USD 23.150 đồng, lãi suất 6,8%/năm.",
    "plate": "Xe biển số 29A-123.45 gây tai nạn trên cao tốc rồi bỏ chạy.",
    "ver": "Python 3.11.7 và Node.js 18 LTS được cài sẵn; .NET 6 thì chưa.",
    "social": "Theo dõi fanpage @vtv24 với hashtag #chongdich để cập nhật.",
    "roman": "Đại hội XIII của Đảng bầu Ban Chấp hành Trung ương khóa XIII.",
    "book": "Mã ISBN 978-604-2-18765-3 in ở trang bìa sau cuốn sách.",
    "eng": "The company said that it will not be able to deliver before Christmas.",
    "chem": "Phân tử H2O và CO2, axit H2SO4 đậm đặc trong phòng thí nghiệm.",
    "ratio": "Tỷ số chung cuộc 2-1, hiệp một 1-0, đội khách dứt điểm 15 lần.",
    "flight": "Chuyến bay VN1234 của Vietnam Airlines hạ cánh ở sân bay Nội Bài.",
    "addr": "Nhà số 12/34 ngõ 56 phố Trần Duy Hưng, quận Cầu Giấy cho thuê.",
    "ip": "Máy chủ 192.168.1.10 mất kết nối từ 3h sáng, kỹ sư đang sửa.",
    "fr": "Quán cà phê La Vie en Rose mở cửa từ 7 giờ ở phố cổ.",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[vnsearch.Index]:
    folder: Path = tmp_path_factory.mktemp("table") / "index"
    with vnsearch.create_index(folder, vnsearch.Schema(body=vnsearch.Text())) as made:
        made.add({"id": name, "body": body} for name, body in ARTICLES.items())
        yield made


@pytest.mark.parametrize(
    ("query", "first", "meant"),
    [
        ("machine learning", "ml", None),
        ("Machine Learning", "ml", None),
        ("iPhone 15 Pro", "iphone", None),
        ("iphone15 pro", "iphone", None),
        ("C++", "cpp", None),
        ("c++", "cpp", None),
        ("lap trinh c++", "cpp", "lập trình c++"),
        ("C#", "csharp", None),
        ("vitamin C", "c", None),
        ("Nghị định 100/2019/NĐ-CP", "decree", None),
        ("nghi dinh 100/2019/nd-cp", "decree", "nghị định 100/2019/nđ-cp"),
        ("100/2019/NĐ-CP", "decree", None),
        ("0912 345 678", "phone", None),
        ("a@b.vn", "mail", None),
        ("go to school", "school", None),
        ("U23 Việt Nam", "u23", None),
        ("U-23 Việt Nam", "u23", None),
        ("u 23 việt nam", "u23", None),
        ("u23 viet nam", "u23", "u23 việt nam"),
        ("covid19", "covid", None),
        ("COVID-19", "covid", None),
        ("covid 19", "covid", None),
        ("TP.HCM", "hcm", None),
        ("tphcm", "hcm", None),
        ("thành phố hồ chí minh", "hcm2", None),
        ("thanh pho ho chi minh", "hcm2", "thành phố hồ chí minh"),
        ("kẹt xe sài gòn tp hcm", "hcm", None),
        ("319.035", "total", None),
        ("319035", "total", None),
        ("319 035", "total", None),
        ("5K", "5k", None),
        ("5k", "5k", None),
        ("F0", "f0", None),
        ("f0", "f0", None),
        ("12/3", "date", None),
        ("12/03", "date", None),
        ("ngay 12/3", "date", "ngày 12/3"),
        ("thegioididong", "tgdd", "thế giới di động"),
        ("thế giới di động", "tgdd", None),
        ("97,58%", "percent", None),
        ("wifi", "wifi", "wifi"),
        ("wi-fi", "wifi", None),
        ("BOT Cai Lậy", "bot", None),
        ("ngành IT", "it", None),
        ("nganh IT", "it", "ngành IT"),
        ("U23 Vie65t Nam", "u23", "U23 Việt Nam"),
        ("U23 Vieetj Nam", "u23", "U23 Việt Nam"),
        ("laapj trinhf C++", "cpp", "lập trình C++"),
        ("vô địch 🏆", "emoji", None),
        ("vo dich 🎉", "emoji", "vô địch 🎉"),
        ("北京", "china", None),
        ("故宫", "china", None),
        ("bac kinh 北京", "china", "bắc kinh 北京"),
        ("https://dichvucong.gov.vn/huong-dan", "url", None),
        ("dichvucong.gov.vn", "url", None),
        ("dichvucong", "url", None),
        ("Galaxy S21 Ultra", "model", None),
        ("galaxy s21", "model", None),
        ("S21", "model", None),
        ("Canon EOS R5", "model", None),
        ("eos r5", "model", None),
        ("Galaxy A52", "model2", None),
        ("2021-03-12", "isodate", None),
        ("30/4/1975", "viet", None),
        ("30-4-1975", "viet", None),
        ("120km/h", "units", None),
        ("120 km/h", "units", None),
        ("150kW", "units", None),
        ("150 kw", "units", None),
        ("2.0L", "units", None),
        ("1,5 tấn", "units", None),
        ("39°C", "temp", None),
        ("39 độ C", "temp", None),
        ("80%", "temp", None),
        ("CHÍNH PHỦ HỌP BÀN", "caps", None),
        ("CHINH PHU HOP BAN", "caps", "CHÍNH PHỦ HỌP BÀN"),
        ("chinh phu hop ban", "caps", "chính phủ họp bàn"),
        ("PHAT TRIEN KINH TE BIEN DAO", "caps", "PHÁT TRIỂN KINH TẾ BIỂN ĐẢO"),
        ("C:\\Windows\\System32", "winpath", None),
        ("C:\\Windows\\System32\\drivers\\etc", "winpath", None),
        ("system32", "winpath", None),
        ("/etc/nginx/nginx.conf", "unix", None),
        ("nginx.conf", "unix", None),
        ("systemctl restart nginx", "unix", None),
        ("a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6c7d8e9f0a1b2", "long", None),
        ("SJC 56,45", "money", None),
        ("gia vang sjc", "money", "giá vàng sjc"),
        ("23.150", "money", None),
        ("23150", "money", None),
        ("6,8%", "money", None),
        ("29A-123.45", "plate", None),
        ("29a-123.45", "plate", None),
        ("Python 3.11.7", "ver", None),
        ("python 3.11", "ver", None),
        ("Node.js", "ver", None),
        ("node.js 18", "ver", None),
        (".NET 6", "ver", None),
        ("@vtv24", "social", None),
        ("#chongdich", "social", None),
        ("đại hội XIII", "roman", None),
        ("dai hoi XIII", "roman", "đại hội XIII"),
        ("dai hoi xiii", "roman", "đại hội xiii"),
        ("978-604-2-18765-3", "book", None),
        ("it will not be able to deliver", "eng", None),
        ("that it will not be", "eng", None),
        ("company said that", "eng", None),
        ("H2O", "chem", None),
        ("CO2", "chem", None),
        ("h2so4", "chem", None),
        ("tỷ số 2-1", "ratio", None),
        ("ty so 2-1", "ratio", "tỷ số 2-1"),
        ("VN1234", "flight", None),
        ("vn 1234", "flight", None),
        ("Vietnam Airlines", "flight", None),
        ("vietnam airlines noi bai", "flight", "vietnam airlines nội bài"),
        ("12/34 ngõ 56", "addr", None),
        ("so 12/34 ngo 56 tran duy hung", "addr", "số 12/34 ngõ 56 trần duy hưng"),
        ("192.168.1.10", "ip", None),
        ("la vie en rose", "fr", None),
        ("La Vie en Rose phố cổ", "fr", None),
        ("machine-learning", "ml", None),
        ("deep learning", "ml", None),
        ("iphone 15 pro max", "iphone", None),
        ("iPhone15Pro", "iphone", None),
        ("nđ-cp", "decree", None),
        ("100/2019", "decree", None),
        ("0912345678", "phone", None),
        ("0912.345.678", "phone", None),
        ("C++ nâng cao", "cpp", None),
        ("hoc C# co ban", "csharp", "học C# cơ bản"),
        ("khoa hoc machine learning", "ml", "khóa học machine learning"),
        ("khóa học machine learning cho sinh viên", "ml", None),
        ("gia iphone 15", "iphone", "giá iphone 15"),
        ("giá iPhone 15 Pro", "iphone", None),
        ("wi-fi mien phi", "wifi", "wi-fi miễn phí"),
        ("mien phi wifi", "wifi", "miễn phí wifi"),
        ("Nghị định số 100", "decree", None),
        ("nghi dinh 100", "decree", "nghị định 100"),
    ],
)
def test_found_first(index: vnsearch.Index, query: str, first: str, meant: str | None) -> None:
    hits = index.search(query, highlight=None).hits
    assert [hit.id for hit in hits[:1]] == [first]
    if meant is not None:
        assert index.understand(query).text == meant
    else:
        assert index.understand(query).corrected is None


@pytest.mark.parametrize("query", ["TP.HCM", "tphcm", "tp hcm", "Thành phố Hồ Chí Minh"])
def test_a_city_by_any_name(index: vnsearch.Index, query: str) -> None:
    hits = index.search(query, highlight=None).hits
    assert {hit.id for hit in hits[:2]} == {"hcm", "hcm2"}


@pytest.mark.parametrize("query", ["🏆", "???", "- - -", "''", "…", "\u200b", "@", "#"])
def test_what_holds_no_word_finds_nothing(index: vnsearch.Index, query: str) -> None:
    assert not index.search(query).hits
    assert index.understand(query).corrected is None


@pytest.mark.parametrize(
    "query",
    [
        "note that",
        "it will not be able to deliver",
        "can not be the best",
        "how to do this",
        "to be or not to be, that is the question",
        "the end of the world",
        "hasta la vista",
        "the quick brown fox",
        "not found",
        "in the beginning",
    ],
)
def test_other_languages_are_never_accented(index: vnsearch.Index, query: str) -> None:
    assert index.understand(query).corrected is None
    meant = index.search(query).did_you_mean
    assert meant is None or meant.isascii()  # note that: node that?


@pytest.mark.parametrize("query", ["a@b.vn", "0912 345 678", "100/2019/NĐ-CP"])
def test_codes_are_taken_as_typed(index: vnsearch.Index, query: str) -> None:
    for position in index.understand(query).positions:
        assert [variant.term for variant in position.variants] == [position.text]
