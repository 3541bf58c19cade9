"""Sentences for people and their catalogues: Chinese is the language of the source, English is translated."""
