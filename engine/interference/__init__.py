"""Noticing what spoils a trial: counters that the watching process reads, and what they mean."""
