"""The abbreviation table: what it knows, what users add, what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from vnsearch.errors import SourceFormatError, SourceNotFoundError
from vnsearch.text import abbreviations, syllables
from vnsearch.text.abbreviations import Abbreviations, builtin_abbreviations

TABLE = builtin_abbreviations()


def alternatives(text: str) -> list[str]:
    return [" ".join(form) for form in TABLE.alternatives(syllables(text))]


@pytest.mark.parametrize(
    ("abbreviation", "meaning"),
    [
        ("UBND", "Ủy ban nhân dân"),
        ("HĐND", "Hội đồng nhân dân"),
        ("HDND", "Hội đồng nhân dân"),
        ("TP.HCM", "Thành phố Hồ Chí Minh"),
        ("TPHCM", "Thành phố Hồ Chí Minh"),
        ("Tp. HCM", "Thành phố Hồ Chí Minh"),
        ("HN", "Hà Nội"),
        ("TW", "Trung ương"),
        ("TƯ", "Trung ương"),
        ("BHXH", "Bảo hiểm xã hội"),
        ("BHYT", "Bảo hiểm y tế"),
        ("CSGT", "Cảnh sát giao thông"),
        ("THPT", "Trung học phổ thông"),
        ("THCS", "Trung học cơ sở"),
        ("GS.TS", "Giáo sư tiến sĩ"),
        ("GS, TS", "Giáo sư tiến sỹ"),
        ("PGS.TS", "Phó giáo sư tiến sĩ"),
        ("NXB", "Nhà xuất bản"),
        ("ĐHQG", "Đại học quốc gia"),
        ("CLB", "Câu lạc bộ"),
        ("TNHH", "Trách nhiệm hữu hạn"),
        ("MTTQ", "Mặt trận Tổ quốc"),
        ("QH", "Quốc hội"),
        ("TBT", "Tổng Bí thư"),
        ("VN", "Việt Nam"),
        ("Bộ GD&ĐT", "Bộ Giáo dục và Đào tạo"),
        ("LĐ-TB&XH", "Lao động Thương binh và Xã hội"),
        ("đ/c", "đồng chí"),
        ("QĐND", "quân đội nhân dân"),
        ("Q1", "quận 1"),
        ("Q.12", "quận 12"),
        ("Đắc Lắc", "Đắk Lắk"),
        ("Bắc Cạn", "Bắc Kạn"),
        ("vaccine", "vắc-xin"),
        ("văcxin", "vắc-xin"),
        ("ôtô", "ô tô"),
        ("ôtô", "ô-tô"),
        ("oto", "ô tô"),
        ("môtô", "mô tô"),
        ("kilômét", "ki-lô-mét"),
        ("ximăng", "xi măng"),
        ("canô", "ca-nô"),
        ("tivi", "ti-vi"),
        ("virút", "virus"),
        ("Mátxcơva", "Moscow"),
        ("Luân Đôn", "London"),
        ("Vietnam", "Việt Nam"),
    ],
)
def test_both_directions(abbreviation: str, meaning: str) -> None:
    assert " ".join(syllables(meaning)) in alternatives(abbreviation)
    assert " ".join(syllables(abbreviation)) in alternatives(meaning)


def test_one_abbreviation_finds_its_other_spellings() -> None:
    assert "tp hcm" in alternatives("TPHCM")
    assert "tphcm" in alternatives("TP.HCM")
    assert "mátxcơva" in alternatives("Mát-xcơ-va")
    assert "oxi" in alternatives("ô-xi")


def test_several_meanings_are_ranked_and_flagged() -> None:
    assert alternatives("CP")[:2] == ["cổ phần", "chính phủ"]
    assert TABLE.is_ambiguous(["cp"])
    assert not TABLE.is_ambiguous(["ubnd"])
    assert not TABLE.is_ambiguous(["việt", "nam"])
    weights = list(TABLE.alternatives(["cp"]).values())
    assert weights == sorted(weights, reverse=True)
    assert list(TABLE.alternatives(["cp"], least=0.5)) == [("cổ", "phần")]
    assert ("cổ", "phần") in TABLE.meanings("cổ")
    assert TABLE.begins("cổ")
    assert not TABLE.begins("cp")


def test_expand_takes_the_longest_and_never_overlaps() -> None:
    matches = TABLE.expand(syllables("Chủ tịch UBND TP.HCM họp"))
    assert [(match.start, match.stop) for match in matches] == [(0, 2), (2, 3), (3, 5)]
    assert ("thành", "phố", "hồ", "chí", "minh") in matches[2].alternatives
    assert TABLE.expand(["xin", "chào"]) == []
    assert TABLE.expand([]) == []


def test_meanings_are_found_without_their_marks() -> None:
    folds = list(syllables("chu tich uy ban nhan dan thanh pho ho chi minh va viet nam"))
    assert [(start, stop) for start, stop, _ in TABLE.find_unmarked(folds)] == [
        (0, 2),
        (2, 6),
        (6, 11),
        (12, 14),
    ]
    assert TABLE.find_unmarked(folds)[1][2] == [("ủy", "ban", "nhân", "dân")]
    assert TABLE.find_unmarked(["viet"]) == TABLE.find_unmarked([]) == []


def test_the_table_is_large_and_sound() -> None:
    assert len(TABLE) > 400
    path = Path(__file__).parent.parent / "vnsearch/text/data/abbreviations.tsv"
    rows = [line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
    assert len(rows) == len(set(rows))
    for row in rows:
        abbreviation, meaning = row.split("\t")[:2]
        for spelling in abbreviation.split("|"):
            form, target = tuple(syllables(spelling)), tuple(syllables(meaning))
            assert target in TABLE.alternatives(form), row


def test_users_add_rows(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text("# mine\nVNS|V.N.S\tViệt Nam Search\nUBND\tủy ban nhân dân\t0\n", "utf-8")
    table = Abbreviations(path)
    assert ("việt", "nam", "search") in table.alternatives(["v", "n", "s"])
    assert table.alternatives(["ubnd"]) == {}
    assert TABLE.alternatives(["ubnd"]) != {}

    table = Abbreviations({"XYZ": ["xa yêu zô", "xin yên"]}, builtin=False)
    assert list(table.alternatives(["xyz"]).values()) == [0.5, 0.5]
    assert len(table) == 2
    table.add("ABC", "a bê xê", 0.4)
    assert table.alternatives(["abc"]) == {("a", "bê", "xê"): 0.4}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("UBND\n", r"mine.tsv, line 1: expected abbreviation, TAB, meaning.*found 1 cell$"),
        ("# x\n\nA B\tb\tc\td\n", r"line 3: .*found 4 cells"),
        ("VNS\tvns\n", r"line 1: 'VNS' stands for itself"),
        ("VNS\tviệt nam s\tnhiều\n", r"line 1: 'nhiều' is not a weight"),
        ("VNS\tviệt nam s\t2\n", r"line 1: the weight must be between 0 and 1, not 2"),
        ("VNS|\tviệt nam s\n", r"line 1: an abbreviation and its meaning are both needed"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text("" + text, "utf-8")
    table = Abbreviations(builtin=False)
    with pytest.raises(SourceFormatError, match=message):
        table.load(path)
    assert len(table) == 0


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match="nowhere"):
        Abbreviations(tmp_path / "nowhere.tsv")
    (tmp_path / "latin.tsv").write_bytes(b"\xe9\tx\n")
    with pytest.raises(SourceFormatError, match="not UTF-8"):
        Abbreviations(tmp_path / "latin.tsv")


def test_the_prepared_table_is_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails: python -m vnsearch.text.abbreviations."""
    prepared = vars(Abbreviations())
    assert Path(abbreviations._PREPARED).read_text("utf-8") == abbreviations.prepare()
    monkeypatch.setattr(abbreviations, "_PREPARED", "nowhere")
    read = vars(Abbreviations())
    assert read.pop("revision") > prepared.pop("revision") == 0
    assert read == prepared


def test_an_edited_table_is_read_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "table.tsv"
    table.write_text("VNS\tViệt Nam Search\t0.5\n", "utf-8")
    monkeypatch.setattr(abbreviations, "_TABLE", str(table))
    assert Abbreviations().alternatives(["vns"]) == {("việt", "nam", "search"): 0.5}
    assert len(Abbreviations()) == 1
