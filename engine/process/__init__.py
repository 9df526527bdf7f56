"""Engine processes: how they start, what they may say, how they end."""
