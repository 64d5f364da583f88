"""Nouns and ground that every capability stands on."""
