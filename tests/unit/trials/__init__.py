"""Tests of the trials by fault: pure, without a stack."""
