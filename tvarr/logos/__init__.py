"""The pictures of channels: fetched politely, turned into small PNG files, kept while in use.

`round` gets what is due (`hosts` says who is left alone), `converter` makes a PNG of it in a child
process (`convert`, with `picture`, `svg`, `placeholder` and their `font`), `cache` keeps files and
an index of them. The controller decides which pictures are wanted and when; the web reads the
files.
"""
