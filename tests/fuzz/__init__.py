"""Fuzzers: what reads text from elsewhere is given what nobody would write."""
