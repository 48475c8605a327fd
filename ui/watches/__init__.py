"""Expressions that are followed through time."""
