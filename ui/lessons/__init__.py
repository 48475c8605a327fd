"""Lessons in the window: the gallery, the panel with text and questions, and what points at places."""
