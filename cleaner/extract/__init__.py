"""From web pages to the documents of their text: two extractors, and what each line of a page looks like."""
