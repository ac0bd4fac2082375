"""Owns experiments: what tables look like."""
