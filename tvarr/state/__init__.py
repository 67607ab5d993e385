"""The control plane at rest: conditions and one status document per declared resource."""
