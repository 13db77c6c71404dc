"""What IMSS' codes mean, in the office's own words: the catalogue a coordinator keeps in Ajustes."""

from __future__ import annotations

from afiliacion.imss.models import KnownRefusal


def meanings() -> dict[str, str]:
    """Return the meaning of each known code, in Spanish."""
    return dict(KnownRefusal.objects.exclude(meaning="").values_list("code", "meaning"))


def in_words(code: str, meaning: str) -> str:
    """Return a code after its meaning, in Spanish; without a meaning (""), that it has none yet: a meaning is never guessed."""
    named = f"código {code}" if code else "sin código"
    return f"{meaning.rstrip('.')} ({named})" if meaning else f"{named}, sin explicación todavía"
