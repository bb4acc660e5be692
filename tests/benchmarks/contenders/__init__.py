"""Programs that load a workload, each a process of its own."""
