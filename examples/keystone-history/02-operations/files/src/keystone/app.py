"""The application: settings in, routes out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute

from keystone import __version__
from keystone.database import Database
from keystone.journal import RequestJournal
from keystone.logs import write_json_logs
from keystone.problems import Problem, answer_with_problems
from keystone.routers import health, milestones, projects
from keystone.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service, ready for requests. Without settings it asks the environment."""
    settings = settings or Settings.from_environment()
    write_json_logs(settings.log_level)

    app = FastAPI(
        title="Keystone",
        summary="Projects and the milestones that carry them.",
        version=__version__,
        docs_url=None,  # its page would load scripts from elsewhere; /openapi.json says the same
        redoc_url=None,
        lifespan=_close_database,
        generate_unique_id_function=_operation_id,
    )
    app.state.database = Database(settings.database)
    app.add_middleware(RequestJournal)
    answer_with_problems(app)
    for router in (projects.router, milestones.router, health.router):
        app.include_router(router)

    # Routes refer to this schema (keystone.problems.documented); FastAPI cannot know it by itself.
    app.openapi()["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    return app


@asynccontextmanager
async def _close_database(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.database.close()


def _operation_id(route: APIRoute) -> str:
    return route.name
