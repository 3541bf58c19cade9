"""The measured promises, runnable by anyone."""
