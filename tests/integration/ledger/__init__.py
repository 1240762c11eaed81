"""The record's database, for real."""
