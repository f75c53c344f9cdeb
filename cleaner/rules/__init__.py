"""Rule files and what they mean."""
