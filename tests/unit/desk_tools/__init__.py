"""Tests of the business tools and their gate, against an office in memory."""
