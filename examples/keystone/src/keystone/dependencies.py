"""What a route can ask of the application that serves it."""

from typing import Annotated

from fastapi import Depends, Request

from keystone.database import Database


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


RequestDatabase = Annotated[Database, Depends(_database)]
