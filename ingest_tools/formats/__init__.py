"""File to description and text, one module a family of formats; all of it runs in a child process."""
