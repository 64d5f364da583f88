"""What the environment decides."""

import os
from dataclasses import dataclass

IN_MEMORY = ":memory:"


@dataclass(frozen=True, slots=True)
class Settings:
    database: str = IN_MEMORY
    log_level: str = "INFO"

    @classmethod
    def from_environment(cls) -> "Settings":
        return cls(
            database=os.environ.get("KEYSTONE_DATABASE", "keystone.db"),
            log_level=os.environ.get("KEYSTONE_LOG_LEVEL", "INFO"),
        )
