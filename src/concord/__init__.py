"""Concord: an integrated digital care record, shared by agreement."""

__version__ = "0.1.0"
