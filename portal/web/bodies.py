"""What a request to the JSON interface brings, held against the description before anything looks at it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from flask import request
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from portal.errors import Faults, NotValid
from portal.web import api_schemas, openapi

#: bytes of a body at most
LARGEST_BODY = 4 * 1024 * 1024


def typed(name: str) -> dict[str, Any]:
    """The JSON that was sent, as the schema of this name describes it.

    Raises UnsupportedMediaType, BadRequest for what is no JSON, Faults naming every field to change.
    """
    request.max_content_length = LARGEST_BODY
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        body = json.loads(request.get_data().decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadRequest from None
    if faults := [_fault(error) for error in _validator(name).iter_errors(body)]:
        raise Faults(faults)
    if not all(_can_be_kept(text) for text in _texts(body)):
        raise NotValid("内容含有不能保存的字符，请去掉后再试。")
    found: dict[str, Any] = body
    return found


def _no_number(_name: str) -> float:
    raise ValueError("not a number")


@lru_cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": {"schemas": api_schemas.SCHEMAS}}
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in (*value.keys(), *value.values()):
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _can_be_kept(text: str) -> bool:
    """No database takes a NUL, none a half of a character."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _fault(error: ValidationError) -> NotValid:
    """What is wrong, as a sentence, with the JSON pointer of the field."""
    where = "/".join(str(part) for part in error.absolute_path)
    limit = error.validator_value
    match error.validator:
        case "required":
            missing = [name for name in limit if name not in error.instance]
            return NotValid("缺少“%(what)s”。", fault=where, what="、".join(missing))
        case "additionalProperties":
            known = error.schema.get("properties", {})
            return NotValid(
                "不认识“%(what)s”。", fault=where, what="、".join(n for n in error.instance if n not in known)
            )
        case "enum":
            return NotValid("只能是：%(what)s。", fault=where, what="、".join(map(str, limit)))
        case "maxLength" | "maximum" | "maxItems":
            return NotValid("最多%(limit)s。", fault=where, limit=limit)
        case "minLength" | "minimum" | "minItems":
            return NotValid("至少%(limit)s。", fault=where, limit=limit)
        case _:
            return NotValid("格式不对，请看接口说明。", fault=where)


@lru_cache
def _parameters(rule: str, method: str) -> frozenset[str]:
    """The names of the query that the description has for an address."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule).removeprefix("/api/v1")
    operation = openapi.PATHS.get(path, {}).get("get" if method == "HEAD" else method.lower(), {})
    return frozenset(each["name"] for each in operation.get("parameters", ()) if each["in"] == "query")


def require_known() -> None:
    """Raises Faults for names in the query that mean nothing here: a slip of the pen would be answered with everything."""
    if request.url_rule is None or request.method == "OPTIONS":
        return
    known = _parameters(request.url_rule.rule, request.method)
    if faults := [NotValid("不认识“%(what)s”。", fault=name, what=name) for name in request.args if name not in known]:
        raise Faults(faults)


def number(name: str, least: int, most: int, usual: int | None = None) -> int | None:
    """A whole number of the query. Raises NotValid for anything else."""
    text = request.args.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and least <= int(text) <= most):
        raise NotValid("应为%(least)s至%(most)s的整数。", fault=name, least=least, most=most)
    return int(text)


def word(name: str, known: Mapping[str, Any] | None = None, longest: int = 64) -> str:
    """A word of the query, empty when it is not there. Raises NotValid when it is empty or not among `known`."""
    text = request.args.get(name, "")
    if name in request.args and known is not None and text not in known:
        raise NotValid("只能是：%(what)s。", fault=name, what="、".join(known))
    if name in request.args and not (0 < len(text) <= longest and text.isprintable()):
        raise NotValid("格式不对，请看接口说明。", fault=name)
    return text
