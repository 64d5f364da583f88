"""What the objects of an OpenAPI document consist of: the fixed fields of the specification (3.0.4, 3.1.1, 3.2.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "flag": (bool,),
    "number": (int, float),
    "whole": (int,),
    "any": (object,),
}
"""The scalars of the grammar; `any` is whatever stands there, such as an example."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand in a field: a scalar or an object by name (`of`), one of them, a `list` or a `map` of them.

    `refers` says that a Reference Object may stand for it, `since` which version of OpenAPI first has the field.
    """

    of: str
    form: str = "one"
    refers: bool = False
    since: str = "3.0"


@dataclass(frozen=True, slots=True)
class Object:
    """An object of the specification: its fixed fields, those that it must have, and what any other name stands for."""

    fields: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    others: Shape | None = None
    extensible: bool = True


_SERVER = "servers=[server]"
_EXAMPLES = "example=any examples={example&}"
_SERIALIZED = f"style explode=flag allowReserved=flag schema=schema content={{media&}} {_EXAMPLES}"

_OBJECTS = {
    "document": f"openapi! $self@3.2 info!=info jsonSchemaDialect@3.1 {_SERVER} paths=paths webhooks={{path&}}@3.1"
    " components=components security=[requirement] tags=[tag] externalDocs=docs",
    "info": "title! version! summary@3.1 description termsOfService contact=contact license=license",
    "contact": "name url email",
    "license": "name! identifier@3.1 url",
    "server": "url! description name@3.2 variables={variable}",
    "variable": "enum=[text] default! description",
    "components": "schemas={schema} responses={response&} parameters={parameter&} examples={example&}"
    " requestBodies={body&} headers={header&} securitySchemes={scheme&} links={link&} callbacks={callback&}"
    " pathItems={path&}@3.1 mediaTypes={media&}@3.2",
    "paths": "*=path&",
    "path": "$ref summary description get=operation put=operation post=operation delete=operation options=operation"
    " head=operation patch=operation trace=operation query=operation@3.2 additionalOperations={operation}@3.2"
    f" {_SERVER} parameters=[parameter&]",
    "operation": "tags=[text] summary description externalDocs=docs operationId parameters=[parameter&]"
    f" requestBody=body& responses=responses callbacks={{callback&}} deprecated=flag security=[requirement] {_SERVER}",
    "docs": "description url!",
    "parameter": f"name! in! description required=flag deprecated=flag allowEmptyValue=flag {_SERIALIZED}",
    "header": f"description required=flag deprecated=flag allowEmptyValue=flag {_SERIALIZED}",
    "body": "description content!={media&} required=flag",
    "media": f"schema=schema itemSchema=schema@3.2 {_EXAMPLES} encoding={{encoding}} prefixEncoding=[encoding]@3.2"
    " itemEncoding=encoding@3.2",
    "encoding": "contentType headers={header&} style explode=flag allowReserved=flag encoding={encoding}@3.2"
    " prefixEncoding=[encoding]@3.2 itemEncoding=encoding@3.2",
    "responses": "default=response& *=response&",
    "response": "summary@3.2 description headers={header&} content={media&} links={link&}",
    "callback": "*=path&",
    "example": "summary description value=any externalValue dataValue=any@3.2 serializedValue@3.2",
    "link": "operationRef operationId parameters={any} requestBody=any description server=server",
    "tag": "name! description externalDocs=docs summary@3.2 parent@3.2 kind@3.2",
    "scheme": "type! description name in scheme bearerFormat flows=flows openIdConnectUrl oauth2MetadataUrl@3.2"
    " deprecated=flag@3.2",
    "flows": "implicit=flow password=flow clientCredentials=flow authorizationCode=flow deviceAuthorization=flow@3.2",
    "flow": "authorizationUrl deviceAuthorizationUrl@3.2 tokenUrl refreshUrl scopes!={text}",
    "requirement": "*=[text]",
    "discriminator": "propertyName mapping={text} defaultMapping@3.2",
    "xml": "name namespace prefix attribute=flag wrapped=flag nodeType@3.2",
    "schema": "title description default=any example=any format pattern multipleOf=number maximum=number minimum=number"
    " exclusiveMaximum=any exclusiveMinimum=any maxLength=whole minLength=whole maxItems=whole minItems=whole"
    " uniqueItems=flag maxProperties=whole minProperties=whole required=[text] enum=[any] type=any nullable=flag"
    " readOnly=flag writeOnly=flag deprecated=flag allOf=[schema] oneOf=[schema] anyOf=[schema] not=schema items=schema"
    " properties={schema} additionalProperties=schema discriminator=discriminator xml=xml externalDocs=docs $ref"
    " examples=[any]@3.1 const=any@3.1 prefixItems=[schema]@3.1 contains=schema@3.1 maxContains=whole@3.1"
    " minContains=whole@3.1 patternProperties={schema}@3.1 propertyNames=schema@3.1 dependentSchemas={schema}@3.1"
    " dependentRequired={any}@3.1 if=schema@3.1 then=schema@3.1 else=schema@3.1 unevaluatedItems=schema@3.1"
    " unevaluatedProperties=schema@3.1 contentSchema=schema@3.1 contentMediaType@3.1 contentEncoding@3.1"
    " $defs={schema}@3.1 $id@3.1 $schema@3.1 $anchor@3.1 $dynamicAnchor@3.1 $dynamicRef@3.1 $comment@3.1"
    " $vocabulary=any@3.1",
}
_CLOSED = frozenset({"requirement"})
SCALAR_NAMES = {"text": "text", "flag": "true or false", "number": "a number", "whole": "a whole number"}


@cache
def objects() -> Mapping[str, Object]:
    """The objects by name: `operation`, `schema`, …; the document itself is `document`."""
    return {name: _object(name, text.split()) for name, text in _OBJECTS.items()}


def _object(name: str, written: list[str]) -> Object:
    fields: dict[str, Shape] = {}
    required: list[str] = []
    for each in written:
        key, _, value = each.partition("=")
        value, _, since = value.partition("@") if value else (value, "", key.partition("@")[2])
        key = key.partition("@")[0]
        if key.endswith("!"):
            key = key[:-1]
            required.append(key)
        fields[key] = _shape(value or "text", since or "3.0")
    return Object(fields, tuple(required), fields.pop("*", None), extensible=name not in _CLOSED)


def _shape(written: str, since: str) -> Shape:
    form = {"[": "list", "{": "map"}.get(written[0], "one")
    of = written.strip("[]{}")
    return Shape(of.rstrip("&"), form, refers=of.endswith("&"), since=since)


def is_of(value: Any, scalar: str) -> bool:
    """Whether a value is a scalar of the grammar: true and false are no numbers, and 1.0 is a whole one."""
    if scalar == "any":
        return True
    if isinstance(value, bool):
        return scalar == "flag"
    if scalar == "whole" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES[scalar])
