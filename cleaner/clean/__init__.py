"""The pure function: (text, metadata, rules) -> Cleaned."""
