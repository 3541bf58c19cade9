"""Backups of the database, the settings and the secret key, with a list of every object; and their restoration."""
