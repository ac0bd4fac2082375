"""What brings a statement to SQLite: one small rule for each construct, and the order of joins."""
