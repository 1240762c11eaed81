"""Tests, split by what they cost: unit, integration, e2e."""
