"""What the JSON Schemas of answers are put together from."""

from collections.abc import Mapping
from typing import Any

from imss_mock.protocol.shapes import Schema

DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
PERSON = {"curp": "PUFE050315HNERCNA4", "nss": "03230500013"}
COUNT: Schema = {"type": "integer"}


def text(**limits: Any) -> Schema:
    """A string that is always there."""
    return {"type": "string", **limits}


def maybe(**limits: Any) -> Schema:
    """A string or null."""
    return {"type": ["string", "null"], **limits}


def closed(properties: Mapping[str, Schema], example: Mapping[str, object], optional: tuple[str, ...] = ()) -> Schema:
    """An object with these members and no other."""
    needed = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False, "examples": [example]}


ID = {"curp": text(minLength=18, maxLength=18), "nss": text(pattern="^[0-9]{11}$")}
