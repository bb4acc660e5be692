"""Stand-ins with the protocol of what they wrap."""
