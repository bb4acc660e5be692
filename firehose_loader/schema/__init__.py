"""Versioned event schemas: what one event type looks like at one version."""
