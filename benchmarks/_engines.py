"""The engines that are compared, behind one small interface.

Each adapter is given the same tokens (canonical, joined by spaces) and sets its engine up as its
users would for speed: positions kept, text not stored unless asked for, one merged segment where
the engine has a call for it, top-k without counting. An engine that is not installed raises
`UnavailableError` with the reason, which becomes its row in the table.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import functools
import importlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal
from unittest import mock

from _common import Corpus, Query

import vnsearch
from vnsearch.codec import Segment, Store, merge
from vnsearch.ranking.collection import Collection
from vnsearch.ranking.plan import AllOf, AnyOf, Clause, PhraseMember, Plan, TermMember
from vnsearch.ranking.search import Searcher

OURS = "vnsearch"
PLAIN = "vnsearch, plain BM25"
"""Our pages without what is ours: no understanding of the query, no words, pairs, beginnings."""

BM25 = vnsearch.Parameters(word_weight=0, pair_weight=0, background=0)
"""What the rivals rank by."""

STORED = "stored"
"""The part of an index that is text kept whole."""

WRITER_MEMORY = 256_000_000
"""Bytes a writer may use before it writes a segment, where an engine can be told."""


class UnavailableError(Exception):
    """The engine is not installed here; the message says what is missing."""


def need(module: str) -> Any:
    """Import an optional module or raise `UnavailableError`."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise UnavailableError("not installed") from None


class Engine:
    """A search engine over numbered documents in one folder.

    An adapter implements `build`, `open` and `search`; `add` and `page` where the engine can.
    """

    name: ClassVar[str]
    kinds: ClassVar[frozenset[str]] = frozenset({"or", "and", "phrase", "prefix"})
    parameters: ClassVar[tuple[float, float] | None] = (1.2, 0.75)  # BM25's k1, b; None: not BM25
    slow: ClassVar[bool] = False  # under 1,000 documents per CPU-second when indexing

    rewritten: int | None = None
    """How many documents the merges of `build` wrote again, where that is known."""

    def __init__(self, folder: Path, stored: bool = False) -> None:
        self.folder = folder
        self.stored = stored

    def build(self, corpus: Corpus, merged: bool = True) -> None:
        """Index the corpus into the folder, durably, and stay open for `search`.

        With ``merged`` the index is brought into the form that is fastest to search.
        """
        raise NotImplementedError

    def open(self) -> None:
        """Open what `build` wrote."""
        raise NotImplementedError

    def search(self, query: Query, k: int) -> Any:
        """Return the best ``k`` documents in the engine's own form."""
        raise NotImplementedError

    def numbers(self, found: Any) -> list[int]:
        """Turn what `search` returned into document numbers."""
        return [int(number) for number in found]

    def timed(self, query: Query, k: int) -> float:
        """Search and return the seconds it took."""
        start = time.perf_counter()
        self.search(query, k)
        return time.perf_counter() - start

    def page(self, query: Query, k: int) -> list[str]:
        """Return the snippets of the best ``k`` documents, matches marked."""
        raise NotImplementedError

    def add(self, number: int, text: str) -> None:
        """Add one document, durably, and make it visible to the next `search`."""
        raise NotImplementedError

    def size(self) -> dict[str, int]:
        """Return the bytes of each part of the index; a part named "stored…" is text kept whole."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return {"index": sum(path.stat().st_size for path in files)}

    def close(self) -> None:
        """Let go of files and processes."""


class Tantivy(Engine):
    """tantivy-py: one indexing thread, whitespace tokenizer."""

    name = "tantivy"

    def _open(self) -> None:
        tantivy = need("tantivy")
        self._api = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("number", fast=True)
        builder.add_text_field(
            "body", stored=self.stored, tokenizer_name="spaces", index_option="position"
        )
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema, path=str(self.folder))
        spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("spaces", spaces)
        self._writer: Any = None

    def open(self) -> None:
        self._open()
        self._searcher = self._index.searcher()

    def build(self, corpus: Corpus, merged: bool = True) -> None:
        self._open()
        # With room enough for all there is one segment from the start.
        self._writer = self._index.writer(1_000_000_000 if merged else WRITER_MEMORY, 1)
        document = self._api.Document
        for number, text in enumerate(corpus.tokenised):
            self._writer.add_document(document(number=number, body=text))
        self._commit()

    def _commit(self) -> None:
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def _query(self, query: Query) -> Any:
        make, schema, tokens = self._api.Query, self._schema, query.tokens
        if query.kind == "phrase":
            return make.phrase_query(schema, "body", list(tokens))
        if query.kind == "prefix":
            return make.phrase_prefix_query(schema, "body", list(tokens))
        terms = [make.term_query(schema, "body", token) for token in tokens]
        if len(terms) == 1:
            return terms[0]
        occur = self._api.Occur.Must if query.kind == "and" else self._api.Occur.Should
        return make.boolean_query([(occur, term) for term in terms])

    def search(self, query: Query, k: int) -> Any:
        return self._searcher.search(self._query(query), k, count=False).hits

    def numbers(self, found: Any) -> list[int]:
        return list(self._searcher.fast_field_values("number", [place for _, place in found]))

    def page(self, query: Query, k: int) -> list[str]:
        asked = self._query(query)
        maker = self._api.SnippetGenerator.create(self._searcher, asked, self._schema, "body")
        maker.set_max_num_chars(200)
        return [
            maker.snippet_from_doc(self._searcher.doc(place)).to_html()
            for _, place in self._searcher.search(asked, k, count=False).hits
        ]

    def add(self, number: int, text: str) -> None:
        if self._writer is None:
            self._writer = self._index.writer(15_000_000, 1)
        self._writer.add_document(self._api.Document(number=number, body=text))
        self._commit()

    def size(self) -> dict[str, int]:
        parts = {".idx": "postings", ".pos": "positions", ".term": "dictionary", ".store": "stored"}
        return sizes_by_suffix(self.folder, parts)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None


class Fts5(Engine):
    """SQLite FTS5: unicode61 over the tokens, no second copy of the text, optimised."""

    name = "SQLite FTS5"

    def open(self) -> None:
        self._base = sqlite3.connect(self.folder / "fts5.db")
        self._base.execute("PRAGMA synchronous = FULL")

    def build(self, corpus: Corpus, merged: bool = True) -> None:
        self.open()
        self._base.execute("PRAGMA journal_mode = WAL")
        content = "" if self.stored else ", content=''"
        try:
            self._base.execute(
                'CREATE VIRTUAL TABLE docs USING fts5(body, tokenize="unicode61 '
                "remove_diacritics 0 categories 'L* N* Co Mn Mc' tokenchars '+#'\""
                f"{content})"
            )
        except sqlite3.OperationalError as error:
            raise UnavailableError(str(error)) from None
        with self._base:
            self._base.executemany(
                "INSERT INTO docs(rowid, body) VALUES (?, ?)", enumerate(corpus.tokenised, 1)
            )
        if merged:
            with self._base:
                self._base.execute("INSERT INTO docs(docs) VALUES ('optimize')")
            self._base.execute("VACUUM")
        self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @staticmethod
    def _match(query: Query) -> str:
        if query.kind == "phrase":
            return f'"{" ".join(query.tokens)}"'
        if query.kind == "prefix":
            return f'"{query.tokens[0]}" *'
        return f" {query.kind.upper()} ".join(f'"{token}"' for token in query.tokens)

    def search(self, query: Query, k: int) -> Any:
        return self._base.execute(
            "SELECT rowid FROM docs WHERE docs MATCH ? ORDER BY rank LIMIT ?",
            (self._match(query), k),
        ).fetchall()

    def numbers(self, found: Any) -> list[int]:
        return [row[0] - 1 for row in found]

    def page(self, query: Query, k: int) -> list[str]:
        rows = self._base.execute(
            "SELECT snippet(docs, 0, '<b>', '</b>', '…', 40) FROM docs WHERE docs MATCH ? "
            "ORDER BY rank LIMIT ?",
            (self._match(query), k),
        )
        return [row[0] for row in rows]

    def add(self, number: int, text: str) -> None:
        with self._base:
            self._base.execute("INSERT INTO docs(rowid, body) VALUES (?, ?)", (number + 1, text))

    def close(self) -> None:
        self._base.close()


class Bm25s(Engine):
    """bm25s with its numba backend: scores kept in memory, bags of words only."""

    name = "bm25s + numba"
    kinds = frozenset({"or"})

    def build(self, corpus: Corpus, merged: bool = True) -> None:
        bm25s = need("bm25s")
        need("numba")
        self._engine = bm25s.BM25(k1=1.2, b=0.75, backend="numba")
        vocabulary: dict[str, int] = {}
        ids = [
            [vocabulary.setdefault(token, len(vocabulary)) for token in text.split()]
            for text in corpus.tokenised
        ]
        self._engine.index(
            bm25s.tokenization.Tokenized(ids=ids, vocab=vocabulary), show_progress=False
        )
        self._engine.save(self.folder, show_progress=False)
        self.search(Query("or", (next(iter(vocabulary)),)), 1)  # numba compiles now, not later

    def open(self) -> None:
        bm25s = need("bm25s")
        need("numba")
        self._engine = bm25s.BM25.load(self.folder, mmap=True)
        self._engine.backend = "numba"

    def search(self, query: Query, k: int) -> Any:
        known = [token for token in query.tokens if token in self._engine.vocab_dict]
        if not known:
            return [], []
        limit = min(k, self._engine.scores["num_docs"])
        found = self._engine.retrieve([known], k=limit, show_progress=False)
        return found.documents[0], found.scores[0]

    def numbers(self, found: Any) -> list[int]:
        return [int(number) for number, score in zip(*found, strict=True) if score > 0]


class Xapian(Engine):
    """Xapian through its Python binding (Debian's python3-xapian)."""

    name = "Xapian"
    slow = True

    def open(self) -> None:
        self._api = need("xapian")
        self._base = self._api.Database(str(self.folder))
        self._writer: Any = None

    def build(self, corpus: Corpus, merged: bool = True) -> None:
        xapian = need("xapian")
        writer = xapian.WritableDatabase(str(self.folder), xapian.DB_CREATE_OR_OPEN)
        for text in corpus.tokenised:
            writer.add_document(self._document(xapian, text))
        writer.commit()
        writer.close()
        self.open()

    @staticmethod
    def _document(xapian: Any, text: str) -> Any:
        document = xapian.Document()
        for position, token in enumerate(text.split()):
            if len(token.encode()) <= 245:  # Xapian's longest term
                document.add_posting(token, position)
        return document

    def search(self, query: Query, k: int) -> Any:
        make = self._api.Query
        if query.kind == "prefix":
            # 0: no limit of terms, so that none is left out
            asked = make(make.OP_WILDCARD, query.tokens[0], 0, make.WILDCARD_LIMIT_ERROR)
        else:
            joins = {"or": make.OP_OR, "and": make.OP_AND, "phrase": make.OP_PHRASE}
            asked = make(joins[query.kind], list(query.tokens))
        enquire = self._api.Enquire(self._base)
        enquire.set_query(asked)
        return [match.docid for match in enquire.get_mset(0, k)]

    def numbers(self, found: Any) -> list[int]:
        return [number - 1 for number in found]

    def add(self, number: int, text: str) -> None:
        if self._writer is None:
            self._writer = self._api.WritableDatabase(str(self.folder), self._api.DB_OPEN)
        self._writer.replace_document(number + 1, self._document(self._api, text))
        self._writer.commit()
        self._base.reopen()

    def size(self) -> dict[str, int]:
        parts = {".glass": "index"}
        return sizes_by_suffix(self.folder, parts)

    def close(self) -> None:
        for base in (self._base, self._writer):
            if base is not None:
                base.close()


class Lucene(Engine):
    """Lucene in a Java process of its own; a query's time is the one that Java measured.

    The jars come from the local Maven repository (``mvn -f benchmarks/lucene dependency:resolve``)
    or from the class path in ``LUCENE_JARS``.
    """

    name = "Lucene"

    def build(self, corpus: Corpus, merged: bool = True) -> None:
        command = f"index\t{self._data}\t{WRITER_MEMORY // 1_000_000}\t{merged}\n"
        with self._start() as java:
            assert java.stdin
            java.stdin.write(command)
            java.stdin.writelines(text + "\n" for text in corpus.tokenised)
        if java.returncode:
            raise UnavailableError("Java failed")
        self.open()

    def open(self) -> None:
        self._java = self._start()
        self._say(f"open\t{self._data}")

    @property
    def _data(self) -> Path:
        return self.folder / "lucene"

    @staticmethod
    def _start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["java", "-cp", lucene_class_path(), "LuceneServer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def _say(self, line: str) -> None:
        assert self._java.stdin
        self._java.stdin.write(line + "\n")
        self._java.stdin.flush()

    def _ask(self, line: str) -> str:
        self._say(line)
        assert self._java.stdout
        return self._java.stdout.readline()

    def search(self, query: Query, k: int) -> Any:
        return self._ask(f"search\t{query.kind}\t{k}\t{' '.join(query.tokens)}")

    def numbers(self, found: Any) -> list[int]:
        return [int(number) for number in found.partition("\t")[2].split()]

    def timed(self, query: Query, k: int) -> float:
        return int(self.search(query, k).partition("\t")[0]) / 1e9

    def add(self, number: int, text: str) -> None:
        self._ask(f"add\t{number}\t{text}")

    def close(self) -> None:
        self._java.communicate()


@functools.cache
def lucene_class_path() -> str:
    """Compile the Java side once; return the class path to run it with."""
    jars = os.environ.get("LUCENE_JARS")
    if not jars:
        repository = Path.home() / ".m2/repository/org/apache/lucene"
        jars = os.pathsep.join(
            str(max(repository.glob(f"{module}/9.*/{module}-9.*.jar"), default=""))
            for module in ("lucene-core", "lucene-analysis-common")
        )
    classes = tempfile.mkdtemp(prefix="vnsearch-lucene-")
    atexit.register(shutil.rmtree, classes, ignore_errors=True)
    source = Path(__file__).parent / "lucene" / "LuceneServer.java"
    try:
        subprocess.run(
            ["javac", "-cp", jars, "-d", classes, source], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        raise UnavailableError("needs Java and Lucene's jars") from None
    return os.pathsep.join((classes, jars))


class Whoosh(Engine):
    """Plain whoosh3 with its default codec and its own BM25F."""

    name = "whoosh3"
    slow = True

    def build(self, corpus: Corpus, merged: bool = True) -> None:
        index = need("whoosh.index")
        fields = need("whoosh.fields")
        analyzer = need("whoosh.analysis").SpaceSeparatedTokenizer()
        schema = fields.Schema(
            number=fields.STORED,
            body=fields.TEXT(analyzer=analyzer, phrase=True, stored=self.stored),
        )
        self._index = index.create_in(str(self.folder), schema)
        writer = self._index.writer(limitmb=WRITER_MEMORY // 1_000_000)
        for number, text in enumerate(corpus.tokenised):
            writer.add_document(number=number, body=text)
        writer.commit(optimize=merged)
        self._searcher = self._index.searcher()

    def open(self) -> None:
        self._index = need("whoosh.index").open_dir(str(self.folder))
        self._searcher = self._index.searcher()

    def _query(self, query: Query) -> Any:
        whoosh = need("whoosh.query")
        if query.kind == "phrase":
            return whoosh.Phrase("body", list(query.tokens))
        if query.kind == "prefix":
            return whoosh.Prefix("body", query.tokens[0])
        terms = [whoosh.Term("body", token) for token in query.tokens]
        return (whoosh.And if query.kind == "and" else whoosh.Or)(terms)

    def search(self, query: Query, k: int) -> Any:
        return self._searcher.search(self._query(query), limit=k)

    def numbers(self, found: Any) -> list[int]:
        return [hit["number"] for hit in found]

    def page(self, query: Query, k: int) -> list[str]:
        return [hit.highlights("body") for hit in self.search(query, k)]

    def add(self, number: int, text: str) -> None:
        writer = self._index.writer()
        writer.add_document(number=number, body=text)
        writer.commit()
        self._searcher.close()
        self._searcher = self._index.searcher()

    def close(self) -> None:
        self._searcher.close()
        self._index.close()


def sizes_by_suffix(folder: Path, parts: dict[str, str]) -> dict[str, int]:
    """Add up the files of a folder by the part their suffix stands for; the rest is "other"."""
    sizes: dict[str, int] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            part = parts.get(path.suffix, "other")
            sizes[part] = sizes.get(part, 0) + path.stat().st_size
    return sizes


@contextlib.contextmanager
def _counted_merges() -> Iterator[list[int]]:
    """Give the list of how many documents each merge in the block wrote."""
    written: list[int] = []
    merge_segments = merge.merge_segments

    def counted(*arguments: Any) -> int:
        written.append(merge_segments(*arguments))
        return written[-1]

    with mock.patch.object(merge, "merge_segments", counted):
        yield written


class Vnsearch(Engine):
    """This library, from the original text; `search` takes ready tokens, as the rivals' do.

    It ranks by BM25 of the syllables alone (k1 = 0.9, b = 0.9), as the rivals do.
    """

    name = OURS
    parameters: ClassVar[tuple[float, float] | None] = (0.9, 0.9)
    recipe: ClassVar[vnsearch.Parameters] = vnsearch.Parameters()

    def __init__(self, folder: Path, stored: bool = True) -> None:
        super().__init__(folder, stored)

    def build(self, corpus: Corpus, merged: bool = True) -> None:
        schema = vnsearch.Schema(body=vnsearch.Text(stored=self.stored))
        folder = self.folder / "index"
        self.index = vnsearch.create_index(folder, schema, parameters=self.recipe)
        with _counted_merges() as rewritten:
            self.index.add(
                {"id": str(number), "body": text} for number, text in enumerate(corpus.texts)
            )
        self.rewritten = sum(rewritten)
        if merged:
            self.index.optimize()
        self._view()

    def open(self) -> None:
        self.index = vnsearch.open_index(self.folder / "index", parameters=self.recipe)
        self._view()

    def _view(self) -> None:
        self._collection = Collection(self.index.store.snapshot(), BM25)
        self._searcher = Searcher(self._collection)

    def _terms(self, query: Query, segment: Segment) -> Sequence[int]:
        field = segment.text("body")
        if field is None:
            return ()
        if query.kind == "prefix":
            return range(*field.prefix(query.tokens[0]))
        found = (field.lookup(token) for token in query.tokens)
        return [ordinal for ordinal in found if ordinal >= 0]

    def _plan(self, query: Query) -> Plan:
        if query.kind == "prefix":
            segments = self._collection.segments

            def lookup(name: str, number: int) -> Sequence[int]:
                return self._terms(query, segments[number])

            clauses = [Clause(query.tokens[0], lookup=lookup, fields={"body": 1.0})]
        elif query.kind == "phrase":
            slots = tuple((token,) for token in query.tokens)
            clauses = [Clause(" ".join(query.tokens), [PhraseMember("body", slots)])]
        else:
            clauses = [Clause(token, [TermMember("body", token)]) for token in query.tokens]
        join = AllOf if query.kind == "and" else AnyOf
        return Plan(clauses, [], join(tuple(clauses)))

    def search(self, query: Query, k: int) -> Any:
        return self._searcher.top(self._plan(query), k)

    def numbers(self, found: Any) -> list[int]:
        segments = self._collection.segments
        return [int(segments[one.segment].doc_id(one.doc)) for one in found]

    def page(self, query: Query, k: int) -> list[str]:
        return [hit.snippet for hit in ask(self.index, query, k, "html", "auto")]

    def add(self, number: int, text: str) -> None:
        self.index.add([{"id": str(number), "body": text}])
        self._view()

    def postings_bytes(self, query: Query) -> int:
        """Return the bytes of postings (a phrase's positions too) that answering must look at."""
        read = 0
        for segment in self._collection.segments:
            field = segment.text("body")
            if field is None:
                continue
            streams = [(field.doc_offsets, len(field.postings), 4)]
            if query.kind == "phrase":
                streams.append((field.pos_offsets, 4 * len(field.positions), 1))
            for ordinal in self._terms(query, segment):
                for offsets, length, size in streams:
                    following = ordinal + 1 < len(offsets)
                    end = offsets[ordinal + 1] if following else length
                    read += (end - offsets[ordinal]) * size
        return read

    def size(self) -> dict[str, int]:
        total = sum(path.stat().st_size for path in (self.folder / "index").iterdir())
        sizes: dict[str, int] = {}
        with Store(self.folder / "index").snapshot() as snapshot:
            for segment in snapshot.segments:
                for name, section in segment.file.sections().items():
                    part = name.removeprefix("body.")
                    part = STORED if part.startswith(STORED) else part
                    sizes[part] = sizes.get(part, 0) + section.length
        sizes["headers and directory"] = total - sum(sizes.values())
        return sizes

    def close(self) -> None:
        self.index.close()


class VnsearchFront(Vnsearch):
    """The same through the public `Index.search`: parsed as typed, ranked by the whole recipe."""

    name = "vnsearch search()"
    parameters = None

    def search(self, query: Query, k: int) -> Any:
        return ask(self.index, query, k, None, "off")

    def numbers(self, found: Any) -> list[int]:
        return [int(hit.id) for hit in found]


def ask(
    index: vnsearch.Index,
    query: Query,
    k: int,
    highlight: Literal["html"] | None,
    understand: Literal["auto", "off"],
) -> vnsearch.Results:
    """Ask the public API for ``k`` hits with a query as a person would type it."""
    text = " ".join(query.tokens)
    if query.kind == "phrase":
        text = f'"{text}"'
    elif query.kind == "prefix":
        text += "*"
    return index.search(
        text,
        limit=k,
        highlight=highlight,
        operator="and" if query.kind == "and" else "or",
        understand=understand,
    )


class VnsearchPlain(Vnsearch):
    """The public `Index.search` doing what the rivals do: BM25 of the words as they were typed."""

    name = PLAIN
    recipe = BM25

    def page(self, query: Query, k: int) -> list[str]:
        return [hit.snippet for hit in ask(self.index, query, k, "html", "off")]


ENGINES: dict[str, type[Engine]] = {
    engine.name: engine
    for engine in (
        Vnsearch,
        VnsearchFront,
        VnsearchPlain,
        Tantivy,
        Lucene,
        Bm25s,
        Xapian,
        Fts5,
        Whoosh,
    )
}
"""Every adapter by its name, ours first."""

INDEXERS = [name for name in ENGINES if name not in (VnsearchFront.name, PLAIN)]
"""The engines that differ in what they write."""


def add_engine_options(options: argparse.ArgumentParser, names: Sequence[str]) -> None:
    """Add the choice of engines among ``names`` and the number of articles they get."""
    options.add_argument("--engines", nargs="+", default=names, choices=names, metavar="NAME")
    options.add_argument("--repeat", type=int, default=1, help="repeat articles with fresh ids")
    options.add_argument(
        "--few", type=int, default=10_000, help="most articles for engines that index slowly"
    )
