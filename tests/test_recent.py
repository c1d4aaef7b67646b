"""What was used last is kept, within a limit."""

from __future__ import annotations

import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from vnsearch.recent import Recent

LIMIT = 40
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("keep"), st.integers(0, 9), st.integers(0, 7)),
        st.tuples(st.just("take"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("get"), st.integers(0, 9), st.integers(0, 9)),
    ),
    max_size=60,
)


@given(STEPS, st.sampled_from([1, 3]))
def test_it_is_a_list_that_what_is_used_goes_to_the_end_of(
    steps: list[tuple[str, int, int]], admits: int
) -> None:
    recent = Recent(LIMIT, admits)
    late = 0
    expected: list[tuple[int, str, int]] = []
    for number, (what, key, other) in enumerate(steps):
        known = {one[0]: one for one in expected}
        if what == "keep":
            recent.keep(key, f"{number}", other)
            if other <= LIMIT // 8 and key not in known:
                expected.append((key, f"{number}", other))
                if sum(size for _, _, size in expected) > LIMIT:
                    late += 1
                    if late % admits:
                        del expected[-1]
            while sum(size for _, _, size in expected) > LIMIT:
                del expected[0]
        elif what == "take":
            assert recent.take(key) == (known[key][1] if key in known else None)
            expected = [one for one in expected if one[0] != key]
        else:
            assert recent.get([key, other]) == [
                known[one][1] if one in known else None for one in (key, other)
            ]
            for one in (key, other):
                if one in known:
                    expected = [*(row for row in expected if row[0] != one), known[one]]


def test_of_more_than_there_is_room_for_some_are_kept() -> None:
    recent = Recent(100, admits=16)
    found = 0
    for _ in range(50):
        for key in range(130):  # in turn: each would be pushed out just before it comes again
            found += recent.take(key) is not None
            recent.keep(key, key, 1)
    assert found > 50 * 130 / 2


def test_a_value_is_taken_by_one_thread_alone() -> None:
    recent = Recent(LIMIT)
    taken = []

    def use() -> None:
        for _ in range(500):
            value: list[int] = recent.take("key")
            if value is None:
                value = []
            taken.append(len(value))
            value.append(1)
            time.sleep(0)  # for others to run
            value.pop()
            recent.keep("key", value, 1)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not any(taken)
