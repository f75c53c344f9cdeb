"""The same cleaner inside other engines: one module each, importing its engine where it is used."""
