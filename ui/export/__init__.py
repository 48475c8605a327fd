"""Pictures, films and files that leave the app."""
