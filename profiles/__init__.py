"""What is asked and what came out: profiles and sessions, as TOML on disk."""
