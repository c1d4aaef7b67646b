"""Short spellings of everyday words in messages: ``ko dc`` is *không được*.

A reader types them into a search box as well. They only propose: what the index holds beside
their neighbours decides, since many are also initials and names (``Ko Samui``, ``vitamin K``).
What administrations and newspapers abbreviate is in `vnsearch.text.abbreviations`.
"""

from __future__ import annotations

__all__ = ["CHAT"]

# The short spellings, a colon, what they stand for; gathered by hand from common usage. Left out is
# what may be several everyday words (bt, bh, đt) and what is a common syllable itself (bít).
_TABLE = """
k ko khg hok hk: không
đc dc: được
j zì: gì
ng: người
ngta nta: người ta
mn mng mnguoi: mọi người
ae: anh em
mik mih: mình
vk: vợ
nhiu nhìu nhju: nhiều | nhiêu
bn bnhiu bnhieu bnhiêu: bao nhiêu
ntn ntnao: như thế nào
lm: làm
lsao lmsao: làm sao
trc: trước
bik bjt: biết
cx cũg cug: cũng
đag dag: đang
xog: xong
mún: muốn
lun: luôn
thik thix thíc: thích
wá qá: quá
iu: yêu
zậy dzậy zay dzay: vậy
roài rùi: rồi
hnay: hôm nay
hqua: hôm qua
hsinh: học sinh
đki dki đkí: đăng ký
"""


def _read(table: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    rows = {}
    for line in table.strip().split("\n"):
        typed, meant = line.split(": ")
        meanings = tuple(tuple(meaning.split(" ")) for meaning in meant.split(" | "))
        rows.update(dict.fromkeys(typed.split(" "), meanings))
    return rows


CHAT = _read(_TABLE)
"""A canonical short spelling -> what it may stand for, each as canonical syllables."""
