"""What workbooks hold that is not read as a value, and tables that call themselves workbooks."""
