"""Accounts at a panel of the Xtream Codes family, as sources and as guides.

The parts: `panel` (addresses), `answers` (JSON to rows), `login` (the account's facts), `texts`
(rows to columns), `live` and `vod` (columns to the catalog), `source` (an account's lists as a
snapshot), `guide` and `listings` (its guide), `episodes` (of one series, when asked for).
"""
