"""Scoring: the recipe, the plan of a search, its execution and its explanation."""
