"""A lineup and its guide → the files that clients read, published with one rename."""
