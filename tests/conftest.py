"""What several tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import vnsearch

# no test is timed: a busy machine is no failure
settings.register_profile("vnsearch", deadline=None)
settings.load_profile("vnsearch")

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="session")
def seed_articles() -> list[vnsearch.Article]:
    """The five news articles the project ships."""
    return list(vnsearch.read_articles(SEEDS))


@pytest.fixture(scope="session")
def seed_index(
    tmp_path_factory: pytest.TempPathFactory, seed_articles: list[vnsearch.Article]
) -> Iterator[vnsearch.Index]:
    """An index of the five articles, not to be written to."""
    with vnsearch.create_index(tmp_path_factory.mktemp("seeds") / "index") as index:
        index.add(seed_articles)
        yield index
