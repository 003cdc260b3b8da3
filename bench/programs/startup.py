"""Start-up: an interpreter that does nothing, timed as a process."""

COMMAND = ["-c", "pass"]
