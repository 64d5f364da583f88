"""Is the process alive, and can it answer?"""

import logging
import sqlite3
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from keystone.dependencies import RequestDatabase
from keystone.problems import documented, problem

logger = logging.getLogger(__name__)
router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def liveness() -> Health:
    return Health()


@router.get("/readyz", responses=documented(503), response_model=Health)
def readiness(database: RequestDatabase) -> Health | Response:
    try:
        with database.transaction():
            pass  # it takes the write lock: all that a request needs of the database
    except sqlite3.Error:
        logger.exception("the database does not answer")
        return problem(503, "The database does not answer.", code="not-ready")
    return Health()
