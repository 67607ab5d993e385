"""Bytes from elsewhere: HTTP and files, bounded in time and size."""
