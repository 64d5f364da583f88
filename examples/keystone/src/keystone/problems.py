"""Every error as problem details (RFC 9457)."""

import json
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from keystone.domain import NotFound, Refusal

MEDIA_TYPE = "application/problem+json"
TYPES = "https://keystone.example/problems/"
DESCRIPTIONS = {
    404: "There is no such thing.",
    409: "The state of the project or milestone does not allow it.",
    422: "The request is not what the contract describes.",
    503: "The service cannot answer requests now.",
}


class Problem(BaseModel):
    type: str
    title: str
    status: int
    detail: str
    errors: list[str] = []


def problem(
    status: int,
    detail: str,
    *,
    code: str | None = None,
    errors: list[str] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    body = Problem(
        type=TYPES + code if code else "about:blank",
        title=code.replace("-", " ").capitalize() if code else HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=errors or [],
    )
    # json escapes what is not ASCII, so a client's broken Unicode cannot break the answer.
    return Response(json.dumps(body.model_dump()), status, headers, MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route promises to answer when it does not succeed, for the contract."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": DESCRIPTIONS[status],
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def answer_with_problems(app: FastAPI) -> None:
    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> Response:
        return problem(
            404 if isinstance(refusal, NotFound) else 409, str(refusal), code=refusal.code
        )

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, invalid: RequestValidationError) -> Response:
        errors = [
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
            for error in invalid.errors()
        ]
        return problem(
            422, "The request is not valid: see errors.", code="invalid-request", errors=errors
        )

    @app.exception_handler(HTTPException)
    async def failed(request: Request, failure: HTTPException) -> Response:
        headers = dict(failure.headers or {})
        return problem(failure.status_code, str(failure.detail), headers=headers)
