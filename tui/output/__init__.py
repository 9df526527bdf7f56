"""Results as tables, sentences and data: what stdout gets, and what the dashboard words alike."""
