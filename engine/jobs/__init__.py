"""What an engine process can be started for."""
