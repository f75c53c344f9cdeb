"""The same cleaner inside other engines: one module per engine, which imports it only where needed."""
