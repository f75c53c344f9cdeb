"""Measurements: `make bench` prints them all, `make bench-check` fails where a promised ratio is missed."""
