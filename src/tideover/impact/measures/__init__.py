"""The registered measures, one file each; adding a file adds a measure."""
