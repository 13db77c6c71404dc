"""Fields of a request, declared once: they read and refuse values, and they write their own part of the OpenAPI document."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from imss_mock.protocol.answers import Codigo, RefusedError

Schema = dict[str, Any]
Values = dict[str, object]


class Field(Protocol):
    """Anything that can stand in a request."""

    @property
    def name(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def default(self) -> object: ...

    def read(self, value: object) -> object:
        """The value to work with; raises RefusedError naming the field."""

    def schema(self) -> Schema:
        """JSON Schema of the value."""


@dataclass(frozen=True)
class Text:
    """A printable string. `codigo` is what a wrong form is answered with; a wrong type is always SOLICITUD_INVALIDA."""

    name: str
    about: str
    example: str | None
    pattern: str = ""
    min_length: int = 0
    max_length: int = 60
    choices: tuple[str, ...] = ()
    required: bool = True
    default: str | None = None
    codigo: Codigo = Codigo.SOLICITUD_INVALIDA

    def read(self, value: object) -> str | None:
        if value is None and not self.required:
            return None
        if not isinstance(value, str):
            raise RefusedError(Codigo.SOLICITUD_INVALIDA, campo=self.name)
        if not self._fits(value):
            raise RefusedError(self.codigo, campo=self.name)
        return value

    def _fits(self, value: str) -> bool:
        # isprintable also keeps out lone surrogates, which JSON can carry and UTF-8 cannot.
        return (
            self.min_length <= len(value) <= self.max_length
            and value.isprintable()
            and (not self.pattern or re.fullmatch(self.pattern, value) is not None)
            and (not self.choices or value in self.choices)
        )

    def schema(self) -> Schema:
        schema: Schema = {"type": "string" if self.required else ["string", "null"], "description": self.about}
        if self.choices:
            return schema | {"enum": list(self.choices), "examples": [self.example]}
        schema |= {"minLength": self.min_length} if self.min_length else {}
        schema |= {"pattern": self.pattern} if self.pattern else {}
        return schema | {"maxLength": self.max_length, "examples": [self.example]}


@dataclass(frozen=True)
class Number:
    """A number within limits."""

    name: str
    about: str
    example: float
    low: float
    high: float
    default: float
    whole: bool = True
    required: bool = False

    def read(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            raise RefusedError(Codigo.SOLICITUD_INVALIDA, campo=self.name)
        if not self.low <= value <= self.high:
            raise RefusedError(Codigo.SOLICITUD_INVALIDA, campo=self.name)
        return value

    def schema(self) -> Schema:
        kind = "integer" if self.whole else "number"
        limits: Schema = {"minimum": self.low, "maximum": self.high, "default": self.default}
        return {"type": kind, "description": self.about, "examples": [self.example]} | limits


@dataclass(frozen=True)
class Texts:
    """A list of printable strings."""

    name: str
    about: str
    example: tuple[str, ...]
    most: int = 20
    required: bool = True
    default: object = ()

    def read(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or len(value) > self.most:
            raise RefusedError(Codigo.SOLICITUD_INVALIDA, campo=self.name)
        one = Text(self.name, self.about, None)
        return tuple(str(one.read(item)) for item in value)

    def schema(self) -> Schema:
        item = {"type": "string", "maxLength": 60}
        return {"type": "array", "items": item, "maxItems": self.most, "description": self.about, "examples": [list(self.example)]}


@dataclass(frozen=True)
class Flag:
    """True or false."""

    name: str
    about: str
    default: bool = False
    required: bool = False

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise RefusedError(Codigo.SOLICITUD_INVALIDA, campo=self.name)
        return value

    def schema(self) -> Schema:
        return {"type": "boolean", "description": self.about, "default": self.default}


def read_fields(fields: Sequence[Field], given: object) -> Values:
    """Every field's value, absent optional ones as their default; raises RefusedError at the first fault."""
    if not isinstance(given, Mapping):
        raise RefusedError(Codigo.SOLICITUD_INVALIDA)
    if not given.keys() <= {field.name for field in fields}:
        raise RefusedError(Codigo.SOLICITUD_INVALIDA)
    return {field.name: _read(field, given) for field in fields}


def _read(field: Field, given: Mapping[str, object]) -> object:
    if field.name in given:
        return field.read(given[field.name])
    if field.required:
        raise RefusedError(Codigo.SOLICITUD_INVALIDA, campo=field.name)
    return field.default


def object_schema(fields: Sequence[Field]) -> Schema:
    """JSON Schema of an object with exactly these fields."""
    return {
        "type": "object",
        "properties": {field.name: field.schema() for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }
