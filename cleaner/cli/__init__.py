"""The command line. Typer, Rich and progress bars live here alone, and nobody imports it."""
