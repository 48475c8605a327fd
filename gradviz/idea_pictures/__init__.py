"""Pictures made for one idea each: their numbers, computed from a recording. No Qt."""
