"""Plans as the files that teams run."""
