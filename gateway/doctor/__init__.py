"""`babelgate doctor`: what is wrong with this set-up, why it matters, and what to do."""
