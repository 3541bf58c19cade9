"""Errors as responses: messages for people, problem details for programs."""
