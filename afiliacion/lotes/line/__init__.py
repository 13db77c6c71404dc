"""One line of the file: its table of fields, its alphabet, and how a movement becomes its 168 positions."""
