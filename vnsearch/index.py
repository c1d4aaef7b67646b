"""The front door: make an index, fill it, search it."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from vnsearch import codec, snippets
from vnsearch.codec.format import COMMIT_NAME
from vnsearch.documents import Documents
from vnsearch.errors import ArticleError, IndexClosedError, SchemaError
from vnsearch.query.parse import parse
from vnsearch.query.understand import MODES, Mode, Understanding, understand
from vnsearch.ranking.bm25 import Parameters
from vnsearch.ranking.filters import Where, conditions, facet_fields, sort_keys
from vnsearch.ranking.plan import AnyOf, Clause, Except, OneOf, Plan, TermMember
from vnsearch.ranking.planner import Planned, Planner
from vnsearch.ranking.readings import PAGE, find
from vnsearch.ranking.view import View
from vnsearch.results import Answer, Results, Show
from vnsearch.schema import ARTICLE_SCHEMA, EXTRA_FIELD, ID_FIELD, Schema, is_weight
from vnsearch.text import syllables
from vnsearch.text.abbreviations import Abbreviations, builtin_abbreviations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Literal

    import whoosh.index

    from vnsearch.articles import Article
    from vnsearch.codec.writer import Writer
    from vnsearch.ranking.explain import Explanation

    OnError = Literal["raise", "skip"] | Callable[[Exception], object]

__all__ = ["Index", "create_index", "open_index"]

_OPERATORS = ("or", "and")

_MOMENT = 3_000_000_000
"""Nanoseconds in which two files may have the same time: no file system counts in longer ones."""

_LINE_ENDS = dict.fromkeys(map(ord, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")
"""In a query, white space like any other; in a text, no word goes on after one."""

_KEPT_QUERY = 200
"""Characters of a query whose plan is kept for who asks it again, at most."""

_LONGEST_PREFIX = 1_000
"""Characters at the end of what is being typed that tell how it goes on."""

_MORE_LIKE_TERMS = 25
_MORE_LIKE_CHARACTERS = 100_000


def create_index(
    path: str | os.PathLike[str],
    schema: Schema | None = None,
    *,
    parameters: Parameters | None = None,
    abbreviations: Abbreviations | None = None,
) -> Index:
    """Make an empty index in the folder ``path`` and open it.

    The schema is `ARTICLE_SCHEMA` unless given. Raises `IndexExistsError` where there is an index
    already, `SearchIndexError` where the folder cannot be written.
    """
    if schema is None:
        schema = ARTICLE_SCHEMA
    elif not isinstance(schema, Schema):
        raise SchemaError(f"a schema is a vnsearch.Schema, not {type(schema).__name__}")
    _check_tuning(parameters, abbreviations)
    codec.create(path, schema)
    return Index(path, parameters=parameters, abbreviations=abbreviations)


def open_index(
    path: str | os.PathLike[str],
    *,
    parameters: Parameters | None = None,
    abbreviations: Abbreviations | None = None,
) -> Index:
    """Open the index in the folder ``path``.

    ``parameters`` tune the ranking, ``abbreviations`` replace those the library comes with.
    Raises `IndexNotFoundError`, `IndexVersionError` or `IndexCorruptError`.
    """
    return Index(path, parameters=parameters, abbreviations=abbreviations)


class Index:
    """An index directory, opened: add to it, search it, from as many processes as you like.

    A search sees the generation that is current when it begins; what another process commits is
    seen by the next search. One writer at a time: methods that write take ``timeout``, the seconds
    to wait for another writer (``math.inf`` is for ever), and raise `IndexLockedError` after it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        parameters: Parameters | None = None,
        abbreviations: Abbreviations | None = None,
    ) -> None:
        _check_tuning(parameters, abbreviations)
        self.parameters = parameters or Parameters()
        self.abbreviations = abbreviations
        self._store: codec.Store | None = codec.Store(path)
        self._name = self._store.name
        self._commit = self._store.file(COMMIT_NAME)
        self._view: View | None = None
        self._settled: object = None
        self._documents = Documents()

    # Life

    def close(self) -> None:
        """Let go of the files; every later call raises `IndexClosedError`."""
        self._store = None
        self._view = None
        self._documents = Documents()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Index {str(self.path)!r}>"

    def __reduce__(self) -> tuple[Callable[..., Index], tuple[object, ...]]:
        """Pickled (for another process), an index is its place, and opened there anew."""
        opened = partial(open_index, parameters=self.parameters, abbreviations=self.abbreviations)
        return opened, (self.store.name,)

    @property
    def path(self) -> Path:
        """Where the index is."""
        from pathlib import Path

        return Path(self._name)

    @property
    def store(self) -> codec.Store:
        """The files behind the index."""
        if self._store is None:
            raise IndexClosedError(f"the index {self.path} is closed")
        return self._store

    @property
    def schema(self) -> Schema:
        """The fields."""
        return self.store.schema

    @property
    def whoosh(self) -> whoosh.index.Index:
        """The same index as Whoosh sees it: its readers, searchers and query classes work on it."""
        from vnsearch.whoosh import whoosh_index

        return whoosh_index(self.store)

    def _current(self) -> View:
        store = self.store
        try:
            status = os.stat(self._commit)
            stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
        except OSError:
            stamp = None  # gone or out of reach: the snapshot says so
        view = self._view
        if (
            view is None
            or stamp is None
            or view.stamp != stamp
            or (self._settled is not view.stamp and self._is_overtaken(view, stamp[0]))
        ):
            view = View(store.snapshot(), stamp, self.parameters, self._documents)
            self._view = view
        return view

    def _is_overtaken(self, view: View, written: int) -> bool:
        """Return whether there is a newer commit, whose file looks as that of the view.

        Two commits between two ticks of the file system's clock may. So a stamp is trusted once the
        commit was still the same when the moment it was ``written`` in had passed.
        """
        passed = time.time_ns() - written > _MOMENT
        if self.store.read().generation != view.collection.snapshot.generation:
            return True
        if passed:
            self._settled = view.stamp
        return False

    # Contents

    def __len__(self) -> int:
        return self._current().collection.snapshot.doc_count

    def __contains__(self, identifier: object) -> bool:
        try:
            wanted = _identifier(identifier)
        except (TypeError, ValueError):
            return False
        return self._current().find(wanted) is not None

    def document(self, identifier: str | int) -> dict[str, Any] | None:
        """Return an article's fields as they were given, None when the id is not there."""
        view = self._current()
        found = view.find(_identifier(identifier))
        return None if found is None else view.stored(*found)

    def documents(self) -> Iterator[dict[str, Any]]:
        """Yield every article's fields, oldest first."""
        view = self._current()
        for number, segment in enumerate(view.collection.segments):
            segment.file.expect_all()
            try:
                for doc in range(segment.doc_count):
                    if not segment.is_deleted(doc):
                        yield view.stored(number, doc)
            finally:  # searches read the same mapped file
                segment.file.expect_little()

    def stats(self) -> dict[str, Any]:
        """Return the index's sizes as plain values, for people and monitors."""
        import contextlib

        view = self._current()
        collection = view.collection
        fields: dict[str, Any] = {}
        for name in self.schema.text_fields():
            parts = [field for _, field in collection.fields(name)]
            fields[name] = {
                "tokens": sum(field.total_length for field in parts),
                "words": sum(field.total_words for field in parts),
                "terms": sum(len(field) for field in parts),
            }
        size = 0
        for file in self.path.iterdir():
            with contextlib.suppress(OSError):  # a writer may remove it meanwhile
                size += file.stat().st_size
        return {
            "path": str(self.path),
            "articles": collection.snapshot.doc_count,
            "deleted": collection.doc_count - collection.snapshot.doc_count,
            "segments": len(collection.segments),
            "generation": collection.snapshot.generation,
            "bytes": size,
            "fields": fields,
        }

    # Writing

    def add(
        self,
        articles: Iterable[Article | Mapping[str, Any]] | Article | Mapping[str, Any],
        *,
        progress: Callable[[int], object] | None = None,
        timeout: float = 0.0,
        on_error: OnError = "raise",
        workers: int | None = 0,
    ) -> int:
        """Add articles (or one), all or (when an exception is raised) none; return how many.

        An article whose id is there replaces the one that is. ``progress`` is called with the
        number of articles so far. An article that does not fit the schema raises `ArticleError`
        or `SchemaError`, which say where it was read or else which of those given it is. With
        ``on_error="skip"`` it is left out instead, all of it, and listed in the ``report`` of a
        reader, where the articles are one's (`read_articles`); with a function (``append`` of a
        list) that is called with each error as well.
        Texts are analysed in ``workers`` processes beside this one; the index is the same without.
        None is for as many as pay: once there are some thousands of articles, the cores that are
        left.
        """
        articles = _several(articles)
        refuse = _refusal(on_error, articles)
        if workers is not None:
            _whole("workers", workers)
        added = 0
        schema = self.schema
        with self.store.writer(timeout=timeout, workers=workers) as writer:
            for number, article in enumerate(articles, 1):
                try:
                    document = schema.check(_mapping(article))
                except (ArticleError, SchemaError) as error:
                    refuse(_placed(error, article, number))
                    continue
                writer.add(document)
                added += 1
                if progress is not None:
                    progress(added)
        return added

    def update(
        self,
        articles: Iterable[Article | Mapping[str, Any]] | Article | Mapping[str, Any],
        *,
        timeout: float = 0.0,
        on_error: OnError = "raise",
    ) -> int:
        """Change fields of articles; what a mapping does not name stays as it is, None removes.

        An id that is not there is added. All or, when an exception is raised, none; returns how
        many. Raises `ArticleError` or `SchemaError` as `add` does, or goes on as ``on_error`` says
        there, also where an article that is there would lose a field that is not stored (`Text`)
        because the mapping does not name it. With such a field in the schema, what was changed is
        kept in memory until all is: it cannot be read back.
        """
        articles = _several(articles)
        refuse = _refusal(on_error, articles)
        changed = 0
        unstored = self.schema.unstored()
        with self.store.writer(timeout=timeout) as writer:
            # what the writer has gathered and not written yet; all else it finds
            given: dict[str, dict[str, Any]] = {}
            for number, article in enumerate(articles, 1):
                try:
                    document = self._updated(_mapping(article), given, writer)
                except (ArticleError, SchemaError) as error:
                    refuse(_placed(error, article, number))
                    continue
                given[document[ID_FIELD]] = document
                writer.add(document)
                changed += 1
                if not writer.gathered and not unstored:
                    given.clear()
        return changed

    def _updated(
        self, fields: Mapping[str, Any], given: Mapping[str, dict[str, Any]], writer: Writer
    ) -> dict[str, Any]:
        """Return an article with ``fields`` changed, as the index keeps it.

        It is as it was ``given`` lately, else as the writer finds it.
        """
        schema = self.schema
        identifier = schema.check({ID_FIELD: fields.get(ID_FIELD)})[ID_FIELD]
        if identifier in given:
            known = dict(given[identifier])
        else:
            segment, doc = writer.find(identifier) or (None, 0)
            known = {} if segment is None else segment.stored(doc)
            for name in sorted(schema.unstored() - fields.keys()):
                if segment is not None and segment.has_text(doc, name):
                    raise SchemaError(
                        f"article {identifier[:80]!r}: field {name!r} is not stored, "
                        "so it must be given again"
                    )
        known.update(fields)
        if isinstance(extra := known.get(EXTRA_FIELD), Mapping):
            gone = {name for name, value in fields.items() if value is None}
            known[EXTRA_FIELD] = {k: v for k, v in extra.items() if k not in gone}
        return schema.check(known)

    def delete(self, ids: Iterable[str | int], *, timeout: float = 0.0) -> int:
        """Delete the articles with these ids; return how many there were."""
        if isinstance(ids, str | int | bytes):  # (bytes would be taken for the numbers in them)
            ids = [ids]  # type: ignore[list-item]
        wanted = [_identifier(identifier) for identifier in ids]
        with self.store.writer(timeout=timeout) as writer:
            return writer.delete(wanted)

    def optimize(self, *, timeout: float = 0.0) -> None:
        """Merge everything into one segment (into as few as can hold it, see "Limits" in
        docs/ARCHITECTURE.md) and drop what deleted articles left behind."""
        with self.store.writer(timeout=timeout) as writer:
            writer.optimize()

    # Searching

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        offset: int = 0,
        fields: Sequence[str] | Mapping[str, float] | None = None,
        where: Where | None = None,
        sort: str | Sequence[str] | None = None,
        facets: Sequence[str] | None = None,
        highlight: snippets.Format | None = "text",
        operator: Literal["or", "and"] = "or",
        strict: bool = False,
        understand: Mode = "auto",
    ) -> Results:
        """Search, and return the page of ``limit`` hits after the first ``offset``.

        ``query`` is what a person typed (docs/QUERY.md has the language); nothing typed is an
        error unless ``strict``, which raises `QueryError`. ``fields`` are the text fields plain
        words are looked for in (a mapping gives their boosts). ``where`` filters without scoring:
        ``{"section": "Thời sự", "published": (low, high), "tags": ["a", "b"]}`` or conditions as
        text (``["section=Thời sự", "views>=100"]``). ``sort`` orders by fields instead of the
        score, ``-`` before a name for descending; what has no value comes last. ``facets`` names
        fields to count values of, dates by their year.
        ``highlight`` is how snippets mark matched words (see `vnsearch.snippets.render`).
        ``operator`` says whether an article needs any or all of the plain words. ``understand``
        repairs spelling and marks ("auto"), only says so ("suggest"), or takes words as typed.

        Raises `SchemaError` for a field that is not there, ValueError for a negative ``limit``.
        """
        _text(query)
        _count("limit", limit)
        _count("offset", offset)
        _one_of("operator", operator, _OPERATORS)
        _one_of("understand", understand, MODES)
        _one_of("highlight", highlight, snippets.FORMATS)
        started = time.perf_counter()
        view = self._current()
        schema = self.schema
        chosen = _text_fields(schema, fields)
        filters = conditions(schema, where)
        keys = sort_keys(schema, sort)
        counted = facet_fields(schema, facets)
        table = builtin_abbreviations() if self.abbreviations is None else self.abbreviations
        key = query, *chosen.items(), operator, strict, understand, table, table.revision
        planned: Planned | None = None if filters or keys else view.planned.get(key)
        is_new = planned is None
        if planned is None:
            tree = parse(query, strict=strict, kinds=schema)
            planner = self._planner(view, query, chosen, operator, understand)
            planned = Planned(planner, tree, filters)
        plans = [planned.plan]
        if keys:
            found = view.sorted(planned.plan, keys, limit, offset)
        else:
            found, plans = find(view.searcher, planned.plan, planned.apart(), offset + limit)
            found = found[offset:]
            is_short = len(query) <= _KEPT_QUERY
            if is_new and found and not filters and is_short and planned.is_light:
                planned.settle()
                view.planned.keep(key, planned)
        show = Show(planned.plan, view.collection, chosen, highlight, planned)
        again = None
        if understand == "suggest":  # did_you_mean tells what would have been read
            again = partial(self._understand, view, mode="auto")
        answer = Answer(view, query, plans, show, found, counted, planned.readings, again)
        return Results(answer, time.perf_counter() - started, limit, offset)

    def _planner(
        self,
        view: View,
        query: str,
        fields: Mapping[str, float],
        operator: str,
        mode: Mode,
    ) -> Planner:
        def read(text: str) -> Understanding:
            return self._understand(view, text, mode)

        def decode(row: str) -> str | None:
            from vnsearch.query.prefixes import decoded_prefix

            return decoded_prefix(row, view.statistics) if mode == "auto" else None

        return Planner(view.collection, self.schema, fields, operator, read, decode, query)

    def _understand(self, view: View, text: str, mode: Mode) -> Understanding:
        if not text.isprintable():
            text = text.translate(_LINE_ENDS)
        return understand(text, view.statistics, mode, self.abbreviations)

    def understand(self, query: str, *, mode: Mode = "auto") -> Understanding:
        """Return how plain words would be read: keys, marks, slips, abbreviations, with reasons."""
        _text(query)
        _one_of("mode", mode, MODES)
        return self._understand(self._current(), query, mode)

    def explain(
        self,
        query: str,
        identifier: str | int,
        *,
        fields: Sequence[str] | Mapping[str, float] | None = None,
        operator: Literal["or", "and"] = "or",
        strict: bool = False,
        understand: Mode = "auto",
    ) -> Explanation:
        """Return how an article's score for a query comes about; options as for `search`.

        An article that `search` would not find does not match. Of one further down than the first
        page this may tell more than `search` looks at (docs/RANKING.md).

        Raises `SchemaError` when the id is not there.
        """
        from vnsearch.ranking.explain import explain, unmatched

        _text(query)
        _one_of("operator", operator, _OPERATORS)
        _one_of("understand", understand, MODES)
        view = self._current()
        identifier = _identifier(identifier)
        found = view.find(identifier)
        if found is None:
            raise SchemaError(f"there is no article {identifier!r}")
        chosen = _text_fields(self.schema, fields)
        planner = self._planner(view, query, chosen, operator, understand)
        tree = parse(query, strict=strict, kinds=self.schema)
        plan = planner.plan(tree)
        page, plans = find(view.searcher, plan, planner.apart(tree), PAGE)
        answered = [one for one in plans if view.searcher.is_match(one, *found)]
        if not answered:
            return unmatched(identifier)
        # as `search` finds it, or else the best way
        answered = [plans[hit.plan] for hit in page if (hit.segment, hit.doc) == found] or answered
        explained = [explain(view.searcher.score(one, *found), identifier) for one in answered]
        return max(explained, key=lambda one: one.value)

    def suggest(self, prefix: str, *, limit: int = 8) -> list[str]:
        """Return completions of what is being typed, in proper spelling, most useful first.

        Only the last thousand characters tell; what stands before them stays as typed.
        """
        from vnsearch.query.suggest import complete

        _text(prefix)
        _count("limit", limit)
        start = max(0, len(prefix) - _LONGEST_PREFIX)
        if start and (space := re.compile(r"\s").search(prefix, start)):
            start = space.end()  # no word is cut
        found = complete(prefix[start:], self._current().statistics, limit)
        return [prefix[:start] + one.text for one in found]

    def more_like(
        self,
        identifier: str | int,
        *,
        limit: int = 10,
        fields: Sequence[str] | Mapping[str, float] | None = None,
        highlight: snippets.Format | None = "text",
    ) -> Results:
        """Return the articles most like one, by its own most telling terms.

        Raises `SchemaError` when the id is not there.
        """
        _count("limit", limit)
        _one_of("highlight", highlight, snippets.FORMATS)
        started = time.perf_counter()
        view = self._current()
        identifier = _identifier(identifier)
        found = view.find(identifier)
        if found is None:
            raise SchemaError(f"there is no article {identifier!r}")
        chosen = _text_fields(self.schema, fields)
        document = view.stored(*found)
        collection = view.collection
        counted: Counter[str] = Counter()
        for name in chosen:
            value = document.get(name, "")
            for text in [value] if isinstance(value, str) else value:
                counted.update(syllables(text[:_MORE_LIKE_CHARACTERS]))
        telling = []
        for term, frequency in counted.items():
            df = max(collection.df(name, term) for name in chosen)
            if df > 1:
                weight = frequency / (frequency + self.parameters.k1)
                rarity = min(collection.term(name, term)[2] for name in chosen)
                telling.append((weight * rarity, weight, term))
        telling.sort(key=lambda one: (-one[0], one[2]))
        clauses = [
            Clause(
                term,
                [TermMember(name, term, boost) for name, boost in chosen.items()],
                weight,
                reason="typed",
            )
            for _, weight, term in telling[:_MORE_LIKE_TERMS]
        ]
        plan = Plan(clauses, [], AnyOf(tuple(clauses)))
        plan.filters = [Except(OneOf(ID_FIELD, (identifier,)))]
        page = view.searcher.top(plan, limit)
        show = Show(plan, view.collection, chosen, highlight)
        answer = Answer(view, f"like {identifier}", [plan], show, page)
        return Results(answer, time.perf_counter() - started, limit, 0)


def _check_tuning(parameters: object, abbreviations: object) -> None:
    for name, given, kind in (
        ("parameters", parameters, Parameters),
        ("abbreviations", abbreviations, Abbreviations),
    ):
        if given is not None and not isinstance(given, kind):
            raise TypeError(f"{name} are vnsearch.{kind.__name__}, not {type(given).__name__}")


def _one_of(name: str, value: object, allowed: Sequence[object]) -> None:
    if value not in allowed:
        known = ", ".join(map(repr, allowed))
        raise ValueError(f"{name} is one of {known}, not {value!r}")


def _text(query: object) -> None:
    if not isinstance(query, str):
        raise TypeError(f"a query is text, not {type(query).__name__}")


def _whole(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is a whole number, not {type(value).__name__}")
    return value


def _count(name: str, value: object) -> None:
    if _whole(name, value) < 0:
        raise ValueError(f"{name} is zero or more")


def _identifier(value: object) -> str:
    """Return an id as it is kept: a whole number written out, as when it was added."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"an id is text, not {type(value).__name__}")
    return value


def _several(
    articles: Iterable[Article | Mapping[str, Any]] | Article | Mapping[str, Any],
) -> Iterable[Article | Mapping[str, Any]]:
    """Return articles, also of one alone."""
    if isinstance(articles, Mapping) or hasattr(articles, "to_dict"):
        return [articles]  # type: ignore[list-item]
    return articles


def _mapping(article: Article | Mapping[str, Any]) -> Mapping[str, Any]:
    if type(article) is dict or isinstance(article, Mapping):
        return article
    to_dict = getattr(article, "to_dict", None)
    if to_dict is None:
        raise ArticleError(f"an article is an Article or a mapping, not {type(article).__name__}")
    return to_dict()  # type: ignore[no-any-return]


def _refusal(on_error: OnError, articles: object) -> Callable[[Exception], None]:
    """Return what to do with an error about one of the articles."""
    if on_error not in ("raise", "skip") and not callable(on_error):
        raise ValueError(f"on_error is 'raise', 'skip' or a function, not {on_error!r}")
    # as `Reader` has it: without the readers, which take a while to import
    report: Any = getattr(articles, "report", None)
    noted = getattr(report, "add_skipped", None)

    def refuse(error: Exception) -> None:
        if on_error == "raise":
            raise error from None
        if noted is not None:
            noted(getattr(error, "place", ""), str(error))
        if callable(on_error):
            on_error(error)

    return refuse


def _placed(
    error: ArticleError | SchemaError, article: object, number: int
) -> ArticleError | SchemaError:
    """Return an error with the place where the article was read, else its number among others."""
    place = getattr(article, "place", "")
    placed = type(error)(f"{place or f'no. {number}'}: {error}")
    placed.place = place
    return placed


def _text_fields(
    schema: Schema, fields: Sequence[str] | Mapping[str, float] | None
) -> dict[str, float]:
    texts = schema.text_fields()
    if fields is None:
        return {name: field.boost for name, field in texts.items()}
    if isinstance(fields, str):
        fields = [fields]
    if not fields:  # nothing would ever be found
        raise SchemaError("fields names no field to search in")
    chosen = {}
    for name in fields:
        if name not in texts:
            known = ", ".join(texts) or "none"
            raise SchemaError(f"there is no text field {name!r} (there are: {known})")
        boost = fields[name] if isinstance(fields, Mapping) else texts[name].boost
        if not is_weight(boost):
            raise SchemaError(f"the boost of {name!r} must be a number above zero")
        chosen[name] = float(boost)
    return chosen
