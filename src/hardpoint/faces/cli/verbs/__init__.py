"""The verbs that belong to no single capability."""
