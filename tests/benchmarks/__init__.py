"""How fast the loader is beside raw DuckDB and its peers."""
