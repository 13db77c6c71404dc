"""How the office is set up, by whoever coordinates it: settings, people, and the first run of a real school."""
