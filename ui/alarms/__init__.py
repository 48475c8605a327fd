"""What looks wrong in the recording."""
