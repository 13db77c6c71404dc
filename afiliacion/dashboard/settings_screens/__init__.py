"""Ajustes: settings, staff accounts, and the first visit of a new installation."""
