"""Provider formats → catalog rows."""
