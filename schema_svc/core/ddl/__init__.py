"""CREATE TABLE texts, read statement by statement; every statement is accounted for."""
