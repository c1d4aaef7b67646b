"""Records: what a data class does, without what it costs to import."""

from __future__ import annotations

import copy
import pickle
from typing import ClassVar

import pytest

from vnsearch.record import NamedTuple, Record


class Place(Record):
    """A record that can be changed."""

    unit: ClassVar[str] = "m"
    name: str
    height: float = 0.0


class Peak(Place):
    """A record with a field more."""

    climbed: bool = False


class Fixed(Record, frozen=True):
    """A record that cannot be changed."""

    low: int
    high: int = 10

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low above high")


class Span(NamedTuple):
    """A named tuple."""

    start: int
    end: int = 10

    @property
    def length(self) -> int:
        return self.end - self.start


def test_named_tuples_are_what_typing_makes_of_them() -> None:
    span = Span(2, end=5)
    assert (span.start, span.end, span.length) == (2, 5, 3)
    assert span == (2, 5)
    assert span == Span(start=2, end=5)
    assert Span(2) == (2, 10)
    assert hash(span) == hash((2, 5))
    assert repr(span) == "Span(start=2, end=5)"
    assert span._fields == Span.__match_args__ == ("start", "end")
    assert span._asdict() == {"start": 2, "end": 5}
    assert span._replace(start=3) == (3, 5)
    assert isinstance(span._replace(start=3), Span)
    for same in (copy.copy(span), copy.deepcopy(span), pickle.loads(pickle.dumps(span))):
        assert same == span
        assert type(same) is Span
    with pytest.raises(AttributeError):
        span.start = 3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        span.more = 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [
        ((), {}, "needs 'start'"),
        ((1, 2, 3), {}, "takes 2 values, not 3"),
        ((1,), {"start": 2}, "two values for 'start'"),
        ((1,), {"width": 2}, "takes no 'width'"),
    ],
)
def test_wrong_calls_of_named_tuples_are_type_errors(
    values: tuple[int, ...], named: dict[str, int], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        Span(*values, **named)


def test_fields_are_taken_in_order_by_name_or_by_default() -> None:
    place = Place("Fansipan", height=3_147.0)
    assert (place.name, place.height, place.unit) == ("Fansipan", 3_147.0, "m")
    assert Place("Ba Vì").height == 0.0
    assert Peak("Fansipan", 3_147.0, True).climbed
    assert repr(Peak("Ba Vì")) == "Peak(name='Ba Vì', height=0.0, climbed=False)"
    assert Peak("Ba Vì").to_fields() == {"name": "Ba Vì", "height": 0.0, "climbed": False}


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [
        ((), {}, "needs 'name'"),
        (("a", 1.0, 2), {}, "takes 2 values, not 3"),
        (("a",), {"name": "b"}, "two values for 'name'"),
        (("a",), {"depth": 1.0}, "takes no 'depth'"),
    ],
)
def test_wrong_calls_are_type_errors(
    values: tuple[object, ...], named: dict[str, object], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        Place(*values, **named)  # type: ignore[arg-type]


def test_equal_fields_make_equal_records_of_one_class() -> None:
    assert Place("a") == Place("a", 0.0) != Place("a", 1.0)
    assert Place("a") != Peak("a")
    assert Place("a") != ("a", 0.0)
    with pytest.raises(TypeError, match="unhashable"):
        hash(Place("a"))
    assert len({Fixed(1), Fixed(1), Fixed(2)}) == 2


def test_only_a_frozen_record_refuses_to_change() -> None:
    place = Place("a")
    place.name = "b"
    assert place == Place("b")
    fixed = Fixed(1)
    with pytest.raises(AttributeError, match="Fixed cannot be changed"):
        fixed.low = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="Fixed cannot be changed"):
        del fixed.low
    with pytest.raises(AttributeError):
        place.width = 1.0  # type: ignore[attr-defined]
    assert fixed.replace(low=3) == Fixed(3)
    with pytest.raises(ValueError, match="low above high"):
        fixed.replace(low=11)


def test_records_are_copied_and_pickled() -> None:
    for one in (Peak("a", 1.0), Fixed(1, 2)):
        assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == copy.copy(one) == one


def test_a_pattern_takes_a_record_apart() -> None:
    match Place("a", 2.0):
        case Place(name, height):
            assert (name, height) == ("a", 2.0)
