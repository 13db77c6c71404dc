"""What the words of a plantel mean in its lists."""

from __future__ import annotations

from django.db import models

from students.models import Plantel


class SchoolWord(models.Model):
    """A word in a column of words (situación, sexo) that no other school need have, and what an officer said it means."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, related_name="+", db_index=False)
    #: A name of columns.COLUMNS.
    column = models.CharField("columna", max_length=30)
    #: words.key of it; and as it was written first.
    word = models.CharField(max_length=160)
    written = models.CharField("palabra", max_length=160)
    #: What the column then says; empty: nothing.
    value = models.CharField("significa", max_length=30, blank=True)
    said_by = models.CharField("lo dijo", max_length=160)
    said_at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "palabra de un plantel"
        verbose_name_plural = "palabras de los planteles"
        constraints = [models.UniqueConstraint(fields=["plantel", "column", "word"], name="school_word_once")]

    def __str__(self) -> str:
        return f"{self.plantel}: {self.written}"
