"""The application in this process, with its data in memory, behind a plain HTTP client."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from keystone.app import create_app
from keystone.settings import Settings


class InProcess(httpx.BaseTransport):
    """Hands a request to the application without a socket."""

    def __init__(self, app: FastAPI) -> None:
        self._asgi = httpx.ASGITransport(app)
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    def close(self) -> None:
        self._runner.close()


@pytest.fixture
def app() -> Iterator[FastAPI]:
    app = create_app(Settings())
    yield app
    app.state.database.close()


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcess(app), base_url="http://keystone.example") as client:
        yield client


@pytest.fixture
def project(client: httpx.Client) -> str:
    """The path of an open project without milestones."""
    return client.post("/projects", json={"name": "Harbour bridge"}).headers["Location"]
