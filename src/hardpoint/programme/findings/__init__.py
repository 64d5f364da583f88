"""One row for one problem, across tools and over time."""
