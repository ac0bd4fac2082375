"""Rules for PostgreSQL as Redshift's stand-in; what both share is left as it is, what differs calls `dw_redshift`."""
