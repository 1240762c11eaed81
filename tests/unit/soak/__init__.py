"""Tests of the soak of records: pure, without a stack."""
