"""Who speaks: signing keys, and the keys that a team trusts."""
