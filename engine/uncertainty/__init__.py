"""How sure a figure is: intervals, noise, comparisons, the steady state, when to stop."""
