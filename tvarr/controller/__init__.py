"""Desired state (the YAML) → actual state (snapshots and published outputs)."""
