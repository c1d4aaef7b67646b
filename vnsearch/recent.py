"""What was used last, kept for the next time."""

from __future__ import annotations

import os
from _thread import allocate_lock  # (threading takes a millisecond to import)
from collections import OrderedDict, deque
from collections.abc import Hashable, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Recent"]

_lock = allocate_lock()


def _unlock() -> None:
    """Take a new lock in a forked process: a thread that is not there may have held the other."""
    global _lock
    _lock = allocate_lock()


if os.name == "posix":
    os.register_at_fork(after_in_child=_unlock)


class Recent:
    """The values used last, as many as take ``limit`` in all; threads may share it.

    One that takes more than an eighth of that is not kept: rather it than all the others. Once
    there is no room, one newcomer in ``admits`` is let in. Where more come again and again, in
    turn, than there is room for, some are kept so; else each would push out another that is still
    to come (Qureshi et al., "Adaptive insertion policies for high performance caching", ISCA 2007).
    """

    def __init__(self, limit: int, admits: int = 1) -> None:
        self._limit = limit
        self._admits = admits
        self._turned_away = 0
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()  # the one used last at the end
        self._sizes: dict[Hashable, int] = {}
        self._size = 0

    def get(self, keys: Sequence[Hashable]) -> list[Any]:
        """Return the value of each key, None where it is not kept; they are now used last."""
        kept = self._kept
        with _lock:
            found = list(map(kept.get, keys))
            used = keys if None not in found else filter(kept.__contains__, keys)
            deque(map(kept.move_to_end, used), 0)
        return found

    def take(self, key: Hashable) -> Any:
        """Return a value to keep it no longer: it is the caller's alone. None if it is not kept."""
        with _lock:
            self._size -= self._sizes.pop(key, 0)
            return self._kept.pop(key, None)

    def keep(self, key: Hashable, value: object, size: int) -> None:
        """Keep a value that takes ``size``, if it is let in and there is none for the key."""
        kept = self._kept
        with _lock:
            if size > self._limit // 8 or key in kept:
                return
            if self._size + size > self._limit:
                self._turned_away = (self._turned_away + 1) % self._admits
                if self._turned_away:
                    return
            kept[key] = value
            self._sizes[key] = size
            self._size += size
            while self._size > self._limit:
                oldest, _ = kept.popitem(last=False)
                self._size -= self._sizes.pop(oldest)
