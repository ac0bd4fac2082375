"""DDL of any number of tables, as a warehouse has them: keys, references, properties, twenty columns each."""

TYPES = ("VARCHAR(64)", "BIGINT", "DECIMAL(12,2)", "TIMESTAMP", "DATE", "BOOLEAN", "INTEGER", "CHAR(2)")
COLUMNS = 20


def ddl_text(tables: int) -> str:
    """CREATE TABLE statements in Redshift's dialect; every table but the first references the one before it."""
    return "\n".join(_table(number) for number in range(tables))


def _table(number: int) -> str:
    parent = f" REFERENCES t{number - 1} (t{number - 1}_id)" if number else ""
    lines = [f"t{number}_id BIGINT NOT NULL", f"parent_id BIGINT{parent}", f"t{number // 2}_id_too BIGINT"]
    for place in range(COLUMNS - len(lines)):
        null = " NOT NULL" if place % 3 == 0 else ""
        encoding = " ENCODE zstd" if place % 5 == 0 else ""
        lines.append(f"c{place}_name {TYPES[place % len(TYPES)]}{null}{encoding}")
    lines.append(f"PRIMARY KEY (t{number}_id)")
    body = ",\n  ".join(lines)
    return f"CREATE TABLE shop.t{number} (\n  {body}\n) DISTKEY (t{number}_id) SORTKEY (c3_name);\n"
