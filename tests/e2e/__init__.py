"""Tests of cost: e2e."""
