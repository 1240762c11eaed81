"""How a database of the record comes from any earlier version to today's tables."""
