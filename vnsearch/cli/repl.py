"""The line-by-line search: a query a line, and commands that begin with a colon.

`Repl` takes lines and writes answers, wherever they come from. On a terminal they come from
prompt_toolkit (editing, history, completion), which reads an input method's backspaces and text
in order however they are chunked; elsewhere, and with ``--plain``, from plain standard input.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vnsearch.cli import views
from vnsearch.cli.terminal import Terminal, describe, standard_input

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import History

    from vnsearch.index import Index
    from vnsearch.results import Hit, Results

__all__ = ["Repl", "run"]

PROMPT = "vnsearch> "
LIMIT = 5  # hits to a page, so that the best is still on the screen
_HELP = """\
Type what you look for, with or without marks, and press Enter. "Quotes" make a phrase, -word \
leaves out, title:word looks in one field, ngh* completes; Tab completes what you type.

  :open N          read the article of hit N
  :more            the next hits
  :explain N       how the score of hit N came about
  :facets [FIELD]  count the found articles by a field's values
  :analyze TEXT    the tokens and words of a text
  :set             what is set; :set NAME VALUE changes it, :set NAME clears it
  :help            this
  :quit            leave; so does Ctrl-D\
"""
_LABEL = 19  # columns of a command in the help
_COMPLETED = re.compile(r"[^\s\"():][^\"():]*\Z")


def _number(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


# name -> how the value is read, what it should look like, what holds where it is not set
_SETTINGS: dict[str, tuple[Callable[[str], Any], str, str]] = {
    "limit": (_number, "a number above zero", str(LIMIT)),
    "where": (
        lambda text: text.split(" & "),
        "tests as in: section=Y-tế & published>=2021-01-01",
        "not set",
    ),
    "sort": (str, "a field, or -field for the reverse", "not set"),
    "fields": (lambda text: text.replace(",", " ").split(), "names of text fields", "not set"),
    "operator": (lambda text: {"or": "or", "and": "and"}[text], "or, and", "or"),
    "understand": (
        lambda text: {"auto": "auto", "suggest": "suggest", "off": "off"}[text],
        "auto, suggest, off",
        "auto",
    ),
}


class Repl:
    """The state of one session: the index, what is set, the hits shown last."""

    def __init__(self, index: Index, terminal: Terminal) -> None:
        self.index = index
        self.terminal = terminal
        self.settings: dict[str, Any] = {}
        self.typed: dict[str, str] = {}
        """The same, as it was typed."""
        self.query = ""
        self.offset = 0
        self.results: Results | None = None
        self.hits: dict[int, Hit] = {}
        self.commands: dict[str, Callable[[str], None]] = {
            "open": self.open,
            "more": self.more,
            "explain": self.explain,
            "facets": self.facets,
            "analyze": self.analyze,
            "set": self.set,
            "help": self.help,
        }

    def handle(self, line: str) -> bool:
        """Answer one line; False when it asks to leave. Errors are told, never raised."""
        line = line.strip()
        if line in {":quit", ":q", ":exit"}:
            return False
        try:
            if line.startswith(":"):
                name, _, rest = line[1:].partition(" ")
                known = self.commands.get(name)
                if known is None:
                    self.terminal.write(f"No such command: :{name} (:help lists them)")
                else:
                    known(rest.strip())
            elif line:
                self.query, self.offset, self.hits = line, 0, {}
                self.search()
        except KeyboardInterrupt:
            self.terminal.write("Stopped.")
        except BrokenPipeError:
            raise
        except Exception as error:  # the session outlives whatever goes wrong in a line of it
            if os.environ.get("VNSEARCH_DEBUG"):
                raise
            self.terminal.write(f"Sorry: {describe(error)}")
        return True

    def search(self) -> None:
        """Show the page of the present query at the present offset."""
        self.results = self.index.search(
            self.query,
            offset=self.offset,
            highlight=self.terminal.highlight,
            **{"limit": LIMIT, **self.settings},
        )
        self.hits.update((hit.rank, hit) for hit in self.results)
        views.write_results(self.terminal, self.results)
        left = self.results.total - self.offset - len(self.results)
        if left > 0:
            self.terminal.write()
            self.terminal.write(self.terminal.style(f"{left:,} more: :more", "dim"))

    def open(self, rest: str) -> None:
        """Show the whole article of a hit."""
        if hit := self._hit(rest, "open"):
            views.write_article(self.terminal, {**hit.fields, "id": hit.id})

    def explain(self, rest: str) -> None:
        """Show how the score of a hit came about."""
        if hit := self._hit(rest, "explain"):
            views.write_explanation(self.terminal, hit.explain())

    def more(self, rest: str) -> None:
        """Show the next page."""
        if self.results is None:
            self.terminal.write("Search for something first.")
        elif self.offset + len(self.results) >= self.results.total:
            self.terminal.write("That was all.")
        else:
            self.offset += len(self.results)
            self.search()

    def facets(self, rest: str) -> None:
        """Count what was found by the values of fields."""
        if not self.query:
            self.terminal.write("Search for something first.")
            return
        kinds = {"keyword", "boolean"}
        names = rest.replace(",", " ").split() or [
            name
            for name, field in self.index.schema.items()
            if field.kind in kinds and name not in {"id", "url"}
        ]
        options = {name: value for name, value in self.settings.items() if name != "limit"}
        found = self.index.search(self.query, limit=1, facets=names, highlight=None, **options)
        views.write_facets(self.terminal, found.facets)
        if not any(found.facets.values()):
            self.terminal.write("Nothing to count.")

    def analyze(self, rest: str) -> None:
        """Show tokens and words."""
        from vnsearch.text import analyze

        if rest:
            views.write_analysis(self.terminal, analyze(rest))
        else:
            self.terminal.write(":analyze takes a text")

    def set(self, rest: str) -> None:
        """Show or change a setting."""
        name, _, value = rest.partition(" ")
        if not name:
            for known, (_, form, usual) in _SETTINGS.items():
                now = self.typed.get(known, usual)
                self.terminal.write(f"{now}   ({form})", 12, known)
        elif name not in _SETTINGS:
            self.terminal.write(f"No such setting: {name} (one of {', '.join(_SETTINGS)})")
        elif not value.strip():
            self.settings.pop(name, None)
            self.typed.pop(name, None)
        else:
            read, form, _ = _SETTINGS[name]
            try:
                self.settings[name] = read(value.strip())
                self.typed[name] = value.strip()
            except (ValueError, KeyError):
                self.terminal.write(f"{name} takes {form}")

    def help(self, rest: str) -> None:
        """Show what can be typed."""
        for line in _HELP.split("\n"):
            label = line[:_LABEL] if line.startswith(" ") else ""
            self.terminal.write(line[len(label) :], len(label), label)

    def _hit(self, rest: str, command: str) -> Hit | None:
        # (Python reads no number of thousands of digits)
        hit = self.hits.get(int(rest)) if rest.isdecimal() and len(rest) < 10 else None
        if hit is None:
            shown = f"one of the hits shown, 1 to {max(self.hits)}" if self.hits else "a hit"
            self.terminal.write(f":{command} takes the number of {shown}")
        return hit


def run(index: Index, terminal: Terminal, *, plain: bool = False) -> None:
    """Read lines until the reader leaves."""
    repl = Repl(index, terminal)
    dumb = os.environ.get("TERM") == "dumb"
    if plain or dumb or not (standard_input().isatty() and sys.stdout.isatty()):
        lines = _plain_lines()
    else:
        terminal.write(f"{len(index):,} articles. Type a query, or :help.")
        lines = _edited_lines(index)
    for line in lines:
        if not repl.handle(line):
            break


def _plain_lines() -> Iterator[str]:
    """Yield the lines of standard input, with a prompt where a person types them."""
    typed = standard_input()
    asks = typed.isatty()
    while True:
        if asks:
            print(PROMPT, end="", flush=True)
        try:
            line = typed.readline()
        except KeyboardInterrupt:
            if not asks:
                raise
            print()
            continue
        if not line:
            return
        yield line
        sys.stdout.flush()


def _edited_lines(index: Index) -> Iterator[str]:
    """Yield lines typed with editing, history and completion."""
    session = _session(index)
    while True:
        try:
            yield session.prompt(PROMPT)
        except KeyboardInterrupt:
            continue  # Ctrl-C leaves the line, not the session
        except EOFError:
            return


def _session(index: Index) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document

    class Terms(Completer):
        """Completes the words before the cursor from the index."""

        def get_completions(
            self, document: Document, complete_event: CompleteEvent
        ) -> Iterator[Completion]:
            typed = document.text_before_cursor
            if typed.startswith(":"):
                return
            words = _COMPLETED.search(typed)
            if words is None:
                return
            prefix = words.group().lstrip("-")
            try:
                offered = index.suggest(prefix)
            except Exception:  # nothing to offer is better than a broken screen
                return
            for text in offered:
                yield Completion(text, start_position=-len(prefix))

    # Completing only on Tab: an input method rewrites its syllable with every key.
    return PromptSession(
        history=_history(), completer=Terms(), complete_while_typing=False, enable_suspend=True
    )


def _history() -> History:
    """Return the history kept between runs, or one for this run where it cannot be kept."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    class Kept(FileHistory):
        def store_string(self, string: str) -> None:
            with suppress(OSError):  # a full or read-only disk must not stop a search
                super().store_string(string.encode("utf-8", "replace").decode("utf-8"))

    path = history_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.open("a+b").close()  # what cannot be read fails in the midst of a session
    except OSError:
        return InMemoryHistory()
    return Kept(str(path))


def history_path() -> Path:
    """Return the history file: under ``XDG_STATE_HOME``, by default ``~/.local/state``."""
    state = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    base = Path(state) if state else Path("~/.local/state").expanduser()
    return base / "vnsearch" / "history"
