"""A text as a folded copy and a table of lines."""
