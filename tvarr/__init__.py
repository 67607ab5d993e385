"""tvarr is GitOps for television: one YAML file becomes the playlists and guides players read."""

__version__ = "0.1.0"
