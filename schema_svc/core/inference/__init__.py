"""What a DDL text implies and does not say: how columns are filled, which keys join tables. All of it is marked."""
