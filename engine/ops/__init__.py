"""The op families: one file of rows each."""
