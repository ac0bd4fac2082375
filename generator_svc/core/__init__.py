"""The cell engine: a value is a pure function of engine version, seed, as_of, table, column, rule, segment, row."""
