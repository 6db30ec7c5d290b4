"""The user's settings: one schema, the file they are kept in, and the keys they change."""

from charterm.settings.settings import Settings, config_file

__all__ = ["Settings", "config_file"]
