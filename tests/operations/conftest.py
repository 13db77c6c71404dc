"""What the tests of operations share with those of the IMSS room: an authority, and cases to ask it about."""

from tests.imss.conftest import _authority, authority, case_in, quick

__all__ = ["_authority", "authority", "case_in", "quick"]
