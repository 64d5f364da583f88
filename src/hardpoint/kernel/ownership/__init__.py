"""Services and who owns them."""
