"""Style sheets as their authors made them, and how what the office uses of them is taken out."""
