"""Merging segments."""
