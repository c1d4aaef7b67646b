def near_terms(terms: list[bytes], term: str, distance: int) -> list[tuple[int, int]]:
    """Return (place, distance) of those of ``terms`` at most ``distance`` edits from ``term``.

    ``terms`` are UTF-8; ``distance`` is 1 or 2.
    """
