"""Protocol Buffers: what descriptor sets promise, what changes in them, and what is bad form."""


def is_descriptor_set(content: bytes) -> bool:
    """Whether bytes look like a descriptor set: its first field is a file, whose first field is its name."""
    return content[:1] == b"\n" and b".proto" in content[:4096]
