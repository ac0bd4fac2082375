"""Fidelity, measured: probe statements with the rows that the vendor's documentation promises."""
