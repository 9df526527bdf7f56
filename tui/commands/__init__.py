"""The commands, one module for each; they take the parsed options and return an exit code."""
