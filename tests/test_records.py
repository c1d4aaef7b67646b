"""Records behave as the data classes that type checkers take them for."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, ClassVar, NamedTuple

import pytest

from vnsearch.records import as_dict, field, record, replace


@record
class Point:
    kind: ClassVar[str] = "point"
    x: int
    y: int = 0
    note: str = field(default="", compare=False)


@record
class Named(Point):
    names: list[str] = field(default_factory=list)

    @property
    def first(self) -> str:
        return self.names[0]


@record(frozen=False)
class Counter:
    count: int = 0


@record(frozen=False, eq=False)
class Box:
    content: int


@record
class Positive:
    value: float

    def __post_init__(self) -> None:
        if self.value <= 0:
            raise ValueError("not positive")


class Pair(NamedTuple):
    left: Point
    right: int


@dataclasses.dataclass(frozen=True, slots=True)
class DataPoint:
    x: int
    y: int = 0
    note: str = dataclasses.field(default="", compare=False)


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, 2, "n"), {}),
    ((), {"x": 1, "note": "n"}),
    ((1,), {"y": 5}),
    ((), {}),
    ((1, 2, "n", 4), {}),
    ((1,), {"x": 1}),
    ((1,), {"z": 1}),
]


@pytest.mark.parametrize(("values", "named"), CALLS)
def test_made_as_a_data_class_is(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    try:
        theirs = DataPoint(*values, **named)
    except TypeError:
        with pytest.raises(TypeError, match="Point "):
            Point(*values, **named)
        return
    ours = Point(*values, **named)
    assert repr(ours) == repr(theirs).replace("DataPoint", "Point")
    assert as_dict(ours) == dataclasses.asdict(theirs)
    assert Point.__match_args__ == DataPoint.__match_args__


def test_equal_by_the_fields_that_count() -> None:
    assert Point(1, 2, "a") == Point(1, 2, "b") != Point(1, 3, "a")
    assert hash(Point(1, 2, "a")) == hash(Point(1, 2, "b"))
    assert Point(1, 2) != Named(1, 2)
    others: list[Any] = [(1, 2, ""), Named(1, 2), None]
    assert Point(1, 2) not in others
    assert Box(1) != Box(1)
    assert len({Box(1), Box(1)}) == 2
    assert Counter(1) == Counter(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(Counter(1))


def test_a_record_cannot_be_changed_unless_it_may() -> None:
    point: Any = Point(1)
    with pytest.raises(AttributeError, match="Point cannot be changed: x"):
        point.x = 2
    with pytest.raises(AttributeError, match="Point cannot be changed: x"):
        del point.x
    with pytest.raises(AttributeError):
        point.other = 2
    counter: Any = Counter()
    counter.count += 1
    assert counter == Counter(1)
    with pytest.raises(AttributeError):
        counter.other = 2


def test_inherited_fields_come_first_and_lists_are_not_shared() -> None:
    named = Named(1, names=["a"])
    assert (named.x, named.y, named.first, named.kind) == (1, 0, "a", "point")
    Named(2).names.append("b")
    assert Named(2).names == []


def test_copies() -> None:
    named = Named(1, 2, "n", ["a"])
    for other in (copy.copy(named), copy.deepcopy(named), pickle.loads(pickle.dumps(named))):
        assert other == named
        assert other.note == "n"
    assert replace(named, x=5) == Named(5, 2, "", ["a"])
    with pytest.raises(TypeError, match="no field 'z'"):
        replace(named, z=5)


def test_values_are_checked() -> None:
    assert Positive(1.0).value == 1.0
    with pytest.raises(ValueError, match="not positive"):
        replace(Positive(1.0), value=0.0)


def test_records_within_records() -> None:
    nested: Any = Counter([Point(1), (Point(2), 3), Pair(Point(4), 5)])  # type: ignore[arg-type]
    one, two, four = ({"x": x, "y": 0, "note": ""} for x in (1, 2, 4))
    assert as_dict(nested) == {"count": [one, (two, 3), Pair(four, 5)]}  # type: ignore[arg-type]


def test_patterns_match_by_position() -> None:
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)
        case _:
            pytest.fail("no match")
