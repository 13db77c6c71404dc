"""Nights with an IMSS that answers, for lists that are undone the morning after."""

from tests.imss.conftest import _authority, authority, night, quick

__all__ = ["_authority", "authority", "night", "quick"]
