"""The web, asked over loopback."""
