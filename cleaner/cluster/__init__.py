"""Work done on machines elsewhere, on Ray or Spark: one call an item, results in the order of the items."""
