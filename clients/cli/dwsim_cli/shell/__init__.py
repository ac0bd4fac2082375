"""`dw-sim query NAME` at a terminal: a shell with history and completion, in the manner of psql."""
