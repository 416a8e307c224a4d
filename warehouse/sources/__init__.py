"""Finds sources and reads them into the contract's columns."""
