"""Scoring: the recipe, the plan of a search, its execution and its explanation."""

from vnsearch.ranking.bm25 import Parameters
from vnsearch.ranking.explain import Explanation

__all__ = ["Explanation", "Parameters"]
