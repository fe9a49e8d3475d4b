"""The checks: one file each, in a folder per pillar. The file's name is the check's id."""
