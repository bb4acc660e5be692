"""Looks at drops and at what was loaded, to tell what the feed really sends."""
