"""How the YAML gets in: settings of the process, loading, secrets, watching."""
