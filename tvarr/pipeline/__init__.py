"""Frames in, frames out: from snapshots to one lineup and its guide.

Pure: no clock, no network, and no files but the snapshots it is given.
"""
