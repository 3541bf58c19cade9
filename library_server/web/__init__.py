"""What every face shares: threads, errors, templates, labels, static files, checks of requests."""
