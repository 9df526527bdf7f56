"""What makes one case slow, asked for and shown in the dashboard."""
