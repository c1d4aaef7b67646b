"""Analysing texts in other processes: the same terms, on several cores.

A worker is this Python started anew (nothing of the caller's program is run in it), which reads
chunks of texts from a pipe and answers with their term numbers. Chunks are answered in the order
they were given in, so an index comes out the same with any number of workers. A worker ends when
its pipe is closed, also by the death of the process that writes.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from vnsearch.errors import SearchIndexError
from vnsearch.kernels.invert import renumber

__all__ = ["Workers", "serve"]

Encoded: TypeAlias = "tuple[array[int], bytearray, bytes]"
"""A text's term numbers ('i'), which tokens continue a word (0 or 1), and its outline."""

_AHEAD = 3
"""Chunks a worker has before it at a time, so that it need not wait."""

_CODE = "import sys; sys.path[:] = {!r}; from vnsearch.codec.workers import serve; serve()"

# Ctrl-C in a terminal is for the process that has the workers.
_APART: dict[str, Any] = (
    {"process_group": 0}
    if os.name == "posix"
    else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a worker says of a chunk: terms it had not met; of each text its number of tokens, these
    one text after the other, and its outline."""

    fresh: list[str]
    counts: array[int]
    tokens: array[int]
    joined: bytearray
    outlines: list[bytes]


class _Worker:
    """One process, the thread that reads its answers, and our numbers of its terms."""

    def __init__(self) -> None:
        self.numbers = array("i")
        self.answers: queue.SimpleQueue[_Answer | Exception] = queue.SimpleQueue()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _CODE.format(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **_APART,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        # read at once, so that a worker never waits to write while we wait to write to it
        assert self.process.stdout is not None
        try:
            while True:
                self.answers.put(pickle.load(self.process.stdout))
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            self.answers.put(_died())
        except BaseException as error:  # whoever waits for an answer would wait for ever
            self.answers.put(_failed(f"gave an answer that cannot be read ({error!r})"))

    def ask(self, texts: list[tuple[str, bool]]) -> None:
        assert self.process.stdin is not None
        try:
            pickle.dump(texts, self.process.stdin, pickle.HIGHEST_PROTOCOL)
            self.process.stdin.flush()
        except OSError as error:
            raise _died() from error

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self._thread.join()
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.stdout.close()


def _died() -> SearchIndexError:
    return _failed("has died")


def _failed(what: str) -> SearchIndexError:
    return SearchIndexError(
        f"a process that analyses texts {what}; what was not committed is lost. Add the articles "
        "again, perhaps without workers"
    )


class Workers:
    """Processes that analyse texts; see `vnsearch.codec.writer.Terms` for what they return.

    ``add_term`` gives a term's number in the caller's table.
    """

    def __init__(self, count: int, add_term: Callable[[str], int]) -> None:
        self._add_term = add_term
        self._workers: list[_Worker] = []
        self._asked: deque[_Worker] = deque()
        self._next = 0
        try:
            for _ in range(count):
                self._workers.append(_Worker())
        except OSError as error:
            self.close()
            raise SearchIndexError(f"cannot start a process: {error.strerror}") from error
        except BaseException:
            self.close()
            raise

    @property
    def busy(self) -> bool:
        """Have all workers as many chunks before them as they should?"""
        return len(self._asked) >= _AHEAD * len(self._workers)

    def ask(self, texts: list[tuple[str, bool]]) -> None:
        """Give a chunk of texts, and whether each is to be outlined, to the worker whose turn it
        is."""
        worker = self._workers[self._next]
        self._next = (self._next + 1) % len(self._workers)
        worker.ask(texts)
        self._asked.append(worker)

    def answer(self) -> list[Encoded]:
        """Wait for the oldest chunk without an answer; return what its texts are, in order.

        Raises `SearchIndexError` where the worker died or its answer cannot be read.
        """
        worker = self._asked.popleft()
        answer = worker.answers.get()
        if isinstance(answer, Exception):
            raise answer
        worker.numbers.extend(map(self._add_term, answer.fresh))
        renumber(answer.tokens, worker.numbers)
        encoded = []
        start = 0
        for count, outline in zip(answer.counts, answer.outlines, strict=True):
            stop = start + count
            encoded.append((answer.tokens[start:stop], answer.joined[start:stop], outline))
            start = stop
        return encoded

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        for worker in self._workers:
            worker.close()
        self._workers = []
        self._asked.clear()


def serve() -> None:
    """Answer chunks of texts on standard input until it ends: what a worker's process runs."""
    from vnsearch.text import Vocabulary

    # what anything prints must not come between the answers
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    vocabulary = Vocabulary()
    known = 0
    with contextlib.suppress(OSError), answers:  # who asked is gone: there is nobody to tell
        while True:
            try:
                texts: Sequence[tuple[str, bool]] = pickle.load(sys.stdin.buffer)
            except (EOFError, pickle.UnpicklingError):  # also in the middle of a chunk
                return
            answer: _Answer | Exception
            try:
                counts, tokens, joined = array("I"), array("i"), bytearray()
                outlines = []
                for text, outlined in texts:
                    numbers, flags, outline = vocabulary.encode(text, outlined)
                    counts.append(len(numbers))
                    tokens.extend(numbers)
                    joined += flags
                    outlines.append(outline)
                fresh = vocabulary.terms(known)
                known += len(fresh)
                answer = _Answer(fresh, counts, tokens, joined, outlines)
            except Exception as error:  # told to the process that asked
                answer = error
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
