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
        ("wifi", "wifi", "wi fi"),
        ("wi-fi", "wifi", None),
        ("BOT Cai Lậy", "bot", None),
        ("ngành IT", "it", None),
        ("nganh IT", "it", "ngành IT"),
        ("U23 Vie65t Nam", "u23", "U23 Việt Nam"),
        ("U23 Vieetj Nam", "u23", "U23 Việt Nam"),
        ("laapj trinhf C++", "cpp", "lập trình C++"),
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


@pytest.mark.parametrize("query", ["a@b.vn", "0912 345 678", "100/2019/NĐ-CP"])
def test_codes_are_taken_as_typed(index: vnsearch.Index, query: str) -> None:
    for position in index.understand(query).positions:
        assert [variant.term for variant in position.variants] == [position.text]
