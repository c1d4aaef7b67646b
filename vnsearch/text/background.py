"""In what share of Vietnamese texts a syllable stands: what is common in general.

A small collection, one of short texts or of one subject tells little about that: *nào* and *bao*
are rare in regulations, *là* is rare in titles, and yet say nothing of what is looked for. The
table is counted over the bodies of 50,000 Vietnamese news articles (`benchmarks/background.py`
prints it from any articles).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

__all__ = ["background_share"]

_BY_PERCENT: Mapping[int, str] = {
    96: "và",
    91: "của",
    90: "cho",
    89: "có trong được",
    87: "đã",
    84: "các là với",
    82: "một",
    79: "không",
    77: "theo",
    76: "khi người này tại",
    75: "công đó để",
    73: "ra",
    72: "từ",
    71: "trên về",
    70: "hiện vào đến",
    69: "ngày",
    68: "ở",
    66: "việc",
    65: "sau",
    64: "bị cũng",
    63: "biết",
    62: "quan",
    61: "nhiều",
    60: "những đầu",
    59: "định",
    58: "nhà thể trước",
    57: "làm năm sự ông",
    56: "sẽ thông đang đồng",
    55: "nhân thành động",
    54: "như số",
    53: "chính chỉ gia lại điều",
    52: "nhận",
    51: "bộ qua thời",
    50: "do phát quốc vụ",
    49: "chức cơ hành nước tin",
    48: "phải",
    47: "báo",
    46: "còn cùng hơn nhưng nói đây",
    45: "hợp trường",
    44: "chủ tiếp trung",
    43: "hai liên lý nhất đưa đối",
    42: "an hàng đi",
    41: "dân thực",
    40: "lên viên",
    39: "lực nay trình tổng",
    38: "hội mới rằng tháng tới",
    37: "bình cả khác nam nhiên vì",
    36: "cao cấp hình kết",
    35: "cuộc lượng nên năng phương thống toàn văn điểm đề",
    34: "gần mà ngoài phòng đại",
    33: "chưa cách cầu giao khoảng lớn rất thế tuy tình tôi tục vẫn đạo",
    32: "bảo dụng khu quyết thấy tế đường",
    31: "cảnh dự hay pháp thì thị tra tổ tự xuất",
    30: "bất chúng mặt mỹ nguyễn sát thủ trưởng tài tác vị địa",
    29: "bản bằng bố gian giải kinh sở thường trọng tuổi tâm vực xã ý",
    28: "anh ban con giá giới lần nội quyền thêm thương",
    27: "bắt họ khai phạm phần sinh tư tỉnh án",
    26: "bên cần dẫn gây hoạt hôm hệ khiến minh quy quá sáng tập ảnh",
    25: "cáo kiến lãnh mình mạnh nguyên nào nếu quả sử tham thu triển tính việt vấn xác yêu",
    24: "diễn giữa học lập lời nghiệp nghị sản tiên tiến trở đổi",
    23: "chiến chuyển diện hiệu hoàn kiểm kỳ nhiệm thanh thuộc thức tiền trị tăng đánh đơn độ",
    22: "cứu giám hóa máy rõ tạo từng vừa xe xem đình đông đặc",
    21: "biệt hà phó quân thứ tìm tích vậy xử đều",
    20: "bà bỏ chế giờ giữ hồi luận lúc mang ngay phía phố thiết tiêu triệu tên tịch vi xảy",
    19: "bao chiều cố hướng hộ kế luật muốn nhằm nơi phủ trang trả tỷ điện đoàn đất",
    18: (
        "chuyên chí cuối dài dù dựng gồm huyện khách kể mạng phục quản sĩ sống truyền trí tuyên "
        "ty vũ xây đội ứng"
    ),
    17: (
        "ba biểu bán chia chứng doanh gặp hoặc khó lợi mọi nạn sách thay thi thái thân tiếng "
        "trách trợ tối viện đốc"
    ),
    16: (
        "bàn bắc chi chất dùng dịch giúp gì gọi hòa hưởng hải hết kiện mục mức ngoại nguồn nhau "
        "ninh phản sức tranh trẻ trực tương tấn tất vệ xuống xét đảm đặt"
    ),
    15: (
        "bởi chung cảm cụ cứ danh hoàng hoạch khả khẳng ký liệu loại mất mỗi mở nghệ nhóm phụ "
        "tay trạng tuần tượng tốt tử vận đoạn"
    ),
    14: (
        "bay biến biển buộc chuẩn cá giáo giảm hạn hồ khí khỏi mua nằm phân phép rồi thuận tiết "
        "áp đúng đủ"
    ),
    13: (
        "chiếc chống cộng dưới gửi hỏi lê lịch lộ nghiêm ngành nhanh nhập riêng sẻ ta trao trần "
        "vùng ít đáng đóng đạt"
    ),
    12: (
        "ai biên bạn chuyện châu chương chạy chấp cô căn cạnh cửa dương em hại hỗ hữu lưu lấy "
        "nghi nghiệm ngờ nữ nữa phối rộng sang trái tướng tải tố vật yếu đa đăng đức đứng"
    ),
    11: (
        "bệnh chọn cung câu cường di duy ghi hạ hậu họp kéo nghĩa nhỏ nó phong phí quận sao so "
        "soát sơ sơn thuật thích tây vốn ăn đô đảo ủy"
    ),
    10: (
        "bài bước chịu cái cổ cử cực dung hiểu huy khăn kỹ lao lo luôn lửa nga nguy ngân ngọc "
        "nhìn nhấn nhật nặng nổi phá phóng phẩm thiếu thiệt thúc thư tuyến tàu tội vài vọng xin "
        "xuân đấu đầy"
    ),
    9: (
        "biện buổi chết càng cán cận cục du giả góp hồng khoa khởi kim kỷ lan lâu lòng lĩnh lệ "
        "lệnh mong mô môi mặc mối nghiên nêu phi phú phạt quảng sai sân sớm thiện thảo thật "
        "thẳng tinh trì trò trú tân tòa tạm tỏ tức viết vô xa xuyên xúc đáp đẩy đời"
    ),
    8: (
        "bày bí chuyến chỗ cư dành dấu dục dừng giấy gái hoa hãng khoản khá khắc kiếm kích lễ "
        "mại mắt mẹ nghe nghĩ ngôn niên phù phường quanh song sâu tai thoại thăm thượng thẩm "
        "thủy thừa tiện toán tránh trương tín tưởng vượt y đàn đào đêm đảng đổ độc"
    ),
    7: (
        "bác bổ bức can chiếm chân chóng chú chị chờ chở chục coi cải cập dễ dọa giai hiểm hiệp "
        "hàn khẩu khủng kêu lai long loạt lái lạc lớp miền nghỉ ngăn ngại nhắc nâng nền nỗ phiên "
        "phúc phút quang quay rút sư sắc sẵn thấp thần thậm thỏa triều trắng tầm tầng tờ vai "
        "vong vòng vợ xung ánh đe đẹp đồ ấy ổn ủng"
    ),
    6: (
        "bang binh bé bầu bắn cam chơi chắc chặn chặt chỉnh chồng chứ chữa cây cấm cựu dòng dư "
        "giang hy hút hạt hủy kịp linh lâm mai may ngồi nhờ nông nắm nối nổ phán phê quán quý "
        "rơi rời suốt sắp thiên thoát thất thắng thổ thử trai truy trích trăm trụ tái tắc tốc "
        "vui á ích đà đài đàm đá đích đón đột ưu ương ước"
    ),
    5: (
        "bối bờ ca chắn cánh căng cầm cắt dõi dữ giống gắn hùng hương hầu khám khánh khẩn khỏe "
        "khối kẻ lương lược lỗi lựa màu môn mẫu mắc mời nghề ngoái ngôi ngược nhu phận quê ràng "
        "sung suy suất sàng sông sửa thuê thác thôn trải trấn trận trời tôn tạp vinh vàng yên áo "
        "âm âu ô đâu đôi đương đạn ấn"
    ),
}
"""Syllables by the percent of texts that have them, rounded down; less than five is left out."""


@cache
def _shares() -> dict[str, float]:
    return {
        syllable: percent / 100
        for percent, listed in _BY_PERCENT.items()
        for syllable in listed.split()
    }


def background_share(term: str) -> float:
    """Return the share (0..1) of Vietnamese texts with a canonical token, 0 if it is not common."""
    return _shares().get(term, 0.0)
