"""Which rule may concern which line."""
