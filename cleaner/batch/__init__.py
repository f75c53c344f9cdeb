"""A run over many files: plan -> shards -> intake -> work -> commit, with its books, in that one direction."""
