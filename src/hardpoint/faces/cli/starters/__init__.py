"""Starter gates, each a file that stands under `gates:` in a manifest."""
