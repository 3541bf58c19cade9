"""Books in other forms than EPUB: FictionBook, comics, HTML and Mobipocket."""
