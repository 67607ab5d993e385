"""Frames in, frames out: from snapshots to one lineup and its guide. No files of its own, no clock, no network."""
