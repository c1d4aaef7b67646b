"""Small immutable (or mutable) classes that are nothing but their fields.

The meaning of ``@record`` is that of ``@dataclass(frozen=True, slots=True)``, and type checkers
read it so. It generates no code: a data class costs about a millisecond each time it is imported,
which a command that answers in a tenth of a second cannot pay for fifty of them. Creating an
instance is slower in return, by a microsecond or two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform, overload

__all__ = ["as_dict", "field", "record", "replace"]

T = TypeVar("T")

_MISSING: Any = object()


class _Field:
    """A field's default, or what makes it, and whether it counts when two records are compared."""

    __slots__ = ("compare", "default", "factory")

    def __init__(self, default: Any, factory: Callable[[], Any] | None, compare: bool) -> None:
        self.default = default
        self.factory = factory
        self.compare = compare


def field(
    *,
    default: Any = _MISSING,
    default_factory: Callable[[], Any] | None = None,
    compare: bool = True,
) -> Any:
    """Return the description of a field that is more than its default value."""
    return _Field(default, default_factory, compare)


def _init(self: Any, *values: Any, **named: Any) -> None:
    fields = self._record_fields
    give = object.__setattr__
    if len(values) > len(fields):
        raise TypeError(f"{type(self).__name__} takes {len(fields)} values, not {len(values)}")
    for at, (name, description) in enumerate(fields.items()):
        if at < len(values):
            if name in named:
                raise TypeError(f"{type(self).__name__} got two values for {name!r}")
            value = values[at]
        elif name in named:
            value = named.pop(name)
        elif description.factory is not None:
            value = description.factory()
        elif description.default is not _MISSING:
            value = description.default
        else:
            raise TypeError(f"{type(self).__name__} needs a value for {name!r}")
        give(self, name, value)
    if named:
        raise TypeError(f"{type(self).__name__} has no field {next(iter(named))!r}")
    check = getattr(self, "__post_init__", None)
    if check is not None:
        check()


def _values(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self._record_fields])


def _compared(self: Any) -> tuple[Any, ...]:
    fields = self._record_fields
    return tuple([getattr(self, name) for name in fields if fields[name].compare])


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name in self._record_fields)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _equal(self: Any, other: object) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return _compared(self) == _compared(other)


def _hash(self: Any) -> int:
    return hash(_compared(self))


def _refuse_set(self: Any, name: str, value: object) -> None:
    raise AttributeError(f"{type(self).__name__} cannot be changed: {name}")


def _refuse_delete(self: Any, name: str) -> None:
    raise AttributeError(f"{type(self).__name__} cannot be changed: {name}")


def _reduce(self: Any) -> tuple[Any, ...]:
    return type(self), _values(self)


def _build(cls: type, frozen: bool, eq: bool) -> type:
    fields: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        fields.update(base.__dict__.get("_record_fields", {}))
    inherited = set(fields)
    namespace = dict(cls.__dict__)
    for name, annotation in namespace.get("__annotations__", {}).items():
        if not str(annotation).startswith("ClassVar"):
            given = namespace.pop(name, _MISSING)
            fields[name] = given if isinstance(given, _Field) else _Field(given, None, True)
    for unwanted in ("__dict__", "__weakref__"):
        namespace.pop(unwanted, None)
    methods: dict[str, Any] = {"__init__": _init, "__repr__": _repr, "__reduce__": _reduce}
    if eq:
        methods["__eq__"] = _equal
        methods["__hash__"] = _hash if frozen else None
    if frozen:
        methods["__setattr__"] = _refuse_set
        methods["__delattr__"] = _refuse_delete
    for name, method in methods.items():
        namespace.setdefault(name, method)
    namespace["_record_fields"] = fields
    namespace["__match_args__"] = tuple(fields)
    namespace["__slots__"] = tuple(name for name in fields if name not in inherited)
    return type(cls)(cls.__name__, cls.__bases__, namespace)


@overload
def record(cls: type[T], /) -> type[T]: ...
@overload
def record(*, frozen: bool = True, eq: bool = True) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: Any = None, /, *, frozen: bool = True, eq: bool = True) -> Any:
    """Make a class of annotated names a record; ``eq=False`` compares by identity."""
    if cls is not None:
        return _build(cls, frozen, eq)
    return lambda cls: _build(cls, frozen, eq)


def replace(instance: T, **changes: Any) -> T:
    """Return a copy of a record with some fields changed."""
    fields: Any = instance
    values = {name: getattr(instance, name) for name in fields._record_fields}
    return type(instance)(**{**values, **changes})


def as_dict(instance: Any) -> dict[str, Any]:
    """Return a record as a dict, and so every record in it, in its tuples and in its lists."""
    return {name: _plain(getattr(instance, name)) for name in instance._record_fields}


def _plain(value: Any) -> Any:
    if hasattr(value, "_record_fields"):
        return as_dict(value)
    if isinstance(value, tuple) and hasattr(value, "_make"):
        return value._make(map(_plain, value))
    if isinstance(value, list | tuple):
        return type(value)(map(_plain, value))
    return value
