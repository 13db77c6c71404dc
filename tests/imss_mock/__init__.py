"""The stand-in IMSS, over real HTTP against a real process."""
