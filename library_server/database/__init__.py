"""The database: engine and sessions, its URL, and what its errors mean to an operator."""
