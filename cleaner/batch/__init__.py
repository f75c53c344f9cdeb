"""A run over many files: plan -> shards -> records -> cleaned -> writers -> books, in that one direction."""
