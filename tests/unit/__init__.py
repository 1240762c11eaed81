"""Tests of cost: unit."""
