"""The door in: QueryService's rpcs, and what they turn into messages and back."""
