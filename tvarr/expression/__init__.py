"""The language of rules and filters: text in, Polars expressions out.

`sentence.parse` is the way in. A sentence is first cut into tokens (`tokens`), its parenthesised
parts are read by the textX grammar (`grammar`), and `reading` makes of them the tree of
`language`, whose conditions have an `expr`. `plan` runs many sentences over a frame as one lazy
plan. Every wrong sentence ends in one `problems.ExpressionError`, and in nothing else.
"""
