"""Protocol Buffers: what descriptor sets promise, what changes in them, and what is bad form."""
