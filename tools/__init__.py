"""Programs for those who work on the office. The office itself never imports them."""
