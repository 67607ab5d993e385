"""The HTTP server: read-only outputs, status and pages."""
