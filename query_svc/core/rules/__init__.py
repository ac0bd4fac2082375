"""Rules that bring a statement to SQLite: `RULES` in their order; lowering holds one small rule for each construct."""
