"""Reading what people send on paper, by mail and in sheets: words in, pieces and rows out. No database, no network."""
