"""Reading a session: its table, its plots, and why one backend is faster."""
