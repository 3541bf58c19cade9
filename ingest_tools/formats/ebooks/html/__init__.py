"""Books in HTML: one page (`page`), a folder of pages packed as HTMLZ (`htmlz`), a web archive (`mht`).

`site` reads a book of several pages; `order` says in which order, `metadata` what the pages state, `body` what is kept.
"""
