"""Programs for those who work on auditor; nothing here is installed."""
