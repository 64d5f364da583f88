"""`hardpoint contract …`: one module a verb."""
