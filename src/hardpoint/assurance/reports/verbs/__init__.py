"""`hardpoint evidence …`: results of other tools, and what Hardpoint itself saw, as evidence."""
