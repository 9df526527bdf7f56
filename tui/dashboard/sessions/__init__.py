"""Past sessions: the list of them, two held side by side, and their export."""
