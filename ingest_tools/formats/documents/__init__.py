"""Documents that other programs convert to PDF, and those that only their publisher's program opens."""
