"""What may be declared: pydantic models, frozen, unknown keys refused; one file per kind."""
