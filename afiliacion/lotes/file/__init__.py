"""The whole file: written with its trailer, name and checksum, and read back."""
