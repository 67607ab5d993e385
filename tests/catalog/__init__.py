"""Tests of tvarr.catalog."""
