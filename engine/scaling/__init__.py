"""How a case's speed goes with its size: pixels, workers and worlds. Plain arithmetic, nothing heavy."""
