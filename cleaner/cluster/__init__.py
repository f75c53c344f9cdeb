"""Work done on other machines, by Ray or Spark: one call per item, results in the order of the items."""
