"""The pages for people on phones and computers."""
