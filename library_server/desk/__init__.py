"""The librarians' and operators' pages."""
