"""The commands that are not told beside what they command: a file each, with `add_arguments` and, where no window is needed, `run`."""
