"""Reads documents that students bring (PDF, picture), in a process with limits that knows nothing of the office."""
