"""Plain value classes that cost next to nothing to import.

`dataclasses` compiles half a dozen methods for every class when its module is imported, and brings
`inspect` along: a fifth of what a new process took to its first answer. `typing.NamedTuple`
compiles one method and every annotation, a fifth of a millisecond for each class. What a search
needs is made of records and named tuples from here instead; a class is written as a data class or
a named tuple is, in a module that begins with ``from __future__ import annotations``, and type
checkers take it for one. They are what `typing` is for: a module that a search needs imports it
``if TYPE_CHECKING`` only, which is false when it runs, and that saves as much again.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import cached_property
    from typing import Any, ClassVar, Self, dataclass_transform
else:

    class cached_property:  # noqa: N801
        """That of `functools` from Python 3.12 on. Before, one lock for all instances keeps threads
        waiting for one another, and for ever in a process forked while it was held."""

        def __init__(self, make: Callable[[Any], Any]) -> None:
            self.make = make
            self.__doc__ = make.__doc__

        def __set_name__(self, owner: type, name: str) -> None:
            self.name = name

        def __get__(self, instance: Any, owner: type | None = None) -> Any:
            if instance is None:
                return self
            value = instance.__dict__[self.name] = self.make(instance)
            return value

    def dataclass_transform() -> Any:
        """Mark a class as `typing` does, for who checks types."""
        return lambda kind: kind


__all__ = ["NamedTuple", "Record", "cached_property"]

_set = object.__setattr__
_tuple = tuple.__new__


def _arrange(
    kind: type, fields: tuple[str, ...], values: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, ...]:
    """Return a value for every field of a kind of record, in order, or raise TypeError as any call
    would."""
    call = f"{kind.__name__}()"
    if len(values) > len(fields):
        raise TypeError(f"{call} takes {len(fields)} values, not {len(values)}")
    defaults: dict[str, Any] = kind._defaults  # type: ignore[attr-defined]
    found = {**defaults, **dict(zip(fields, values, strict=False))}
    for name, value in named.items():
        if name not in fields:
            raise TypeError(f"{call} takes no {name!r}")
        if name in fields[: len(values)]:
            raise TypeError(f"{call} got two values for {name!r}")
        found[name] = value
    missing = [name for name in fields if name not in found]
    if missing:
        raise TypeError(f"{call} needs {missing[0]!r}")
    return tuple([found[name] for name in fields])


def _described(record: object, fields: dict[str, Any]) -> str:
    inside = ", ".join(f"{name}={value!r}" for name, value in fields.items())
    return f"{type(record).__name__}({inside})"


class _RecordType(type):
    """Makes the slots of a record from its annotations, and gathers the defaults."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], body: dict[str, Any], frozen: bool = False
    ) -> _RecordType:
        own = [
            field
            for field, kind in body.get("__annotations__", {}).items()
            if not str(kind).startswith(("ClassVar", "typing.ClassVar"))
        ]
        defaults: dict[str, Any] = {}
        fields: list[str] = []
        for base in bases:
            defaults.update(getattr(base, "_defaults", {}))
            fields += getattr(base, "__match_args__", ())
        defaults.update({field: body.pop(field) for field in own if field in body})
        body["__slots__"] = tuple(own)
        body["__match_args__"] = (*fields, *own)
        body["_defaults"] = defaults
        if frozen:
            body["__setattr__"] = body["__delattr__"] = _refuse
            body["__hash__"] = _hash
        return super().__new__(mcs, name, bases, body)


def _refuse(self: object, name: str, *value: object) -> None:
    raise AttributeError(f"{type(self).__name__} cannot be changed ({name!r})")


def _hash(self: Record) -> int:
    return hash(self._key())


@dataclass_transform()
class Record(metaclass=_RecordType):
    """Base of value classes: annotated names are its fields, equal fields make equal records.

    ``class Point(Record, frozen=True)`` is a record that cannot be changed, and has a hash.
    `__post_init__` is called when the fields are set.
    """

    __match_args__: ClassVar[tuple[str, ...]]
    _defaults: ClassVar[dict[str, Any]]

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = self.__match_args__
        if named or len(values) != len(fields):
            values = _arrange(type(self), fields, values, named)
        for field, value in zip(fields, values, strict=True):
            _set(self, field, value)
        self.__post_init__()

    def __post_init__(self) -> None:
        pass

    def _key(self) -> tuple[Any, ...]:
        """Return what makes two records of one class equal."""
        return tuple([getattr(self, field) for field in self.__match_args__])

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self._key() == other._key()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return _described(self, self.to_fields())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(self.to_fields().values())

    def to_fields(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {field: getattr(self, field) for field in self.__match_args__}

    def replace(self, **changes: Any) -> Self:
        """Return the same with some fields changed."""
        return type(self)(**{**self.to_fields(), **changes})


if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter

    class _NamedTuple(tuple):
        """What named tuples can do."""

        __slots__ = ()

        def __new__(cls, *values: Any, **named: Any) -> _NamedTuple:
            """Return one with these values, in order or by name."""
            missing = len(cls._fields) - len(values)
            if named or not 0 <= missing <= len(cls._ending):
                values = _arrange(cls, cls._fields, values, named)
            elif missing:
                values += cls._ending[-missing:]
            return _tuple(cls, values)

        def __repr__(self) -> str:
            return _described(self, self._asdict())

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

        def _asdict(self) -> dict[str, Any]:
            """Return the fields by name."""
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **changes: Any) -> _NamedTuple:
            """Return the same with some fields changed."""
            return type(self)(**{**self._asdict(), **changes})

    class _NamedTupleType(type):
        """Makes a named tuple of a class that has `NamedTuple` as its base: a plain class, for
        ``isinstance`` takes longer where the class of a class is another."""

        def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            """Return the class, its fields made from the annotations, the defaults gathered."""
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body[field] for field in fields if field in body}
            body.update({field: _tuplegetter(at, "") for at, field in enumerate(fields)})
            body["__slots__"] = ()
            body["__match_args__"] = body["_fields"] = fields
            body["_defaults"] = defaults
            body["_ending"] = tuple(defaults.values())  # the fields that may be left out are last
            return type(name, (_NamedTuple,), body)

    NamedTuple = type.__new__(_NamedTupleType, "NamedTuple", (), {})
