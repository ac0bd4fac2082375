"""Redshift's catalog as its users ask for it: relations made of what their DDL declared, and SHOW over them."""
