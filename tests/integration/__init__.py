"""Tests of cost: integration."""
