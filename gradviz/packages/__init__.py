"""Packages that scripts import besides torch and numpy: what stands in for some, and what is said of the others."""
