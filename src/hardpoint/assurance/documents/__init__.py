"""Documents whose pointers hold."""
