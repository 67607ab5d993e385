"""Channels of real playlists and guides whose pairs are known, to hold matching by names to."""
