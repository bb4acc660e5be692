"""Real servers for the tests, started and stopped here, and one small class for each backend."""
