"""What a person sees: the command line, headless output and the dashboard."""
