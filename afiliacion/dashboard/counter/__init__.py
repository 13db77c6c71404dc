"""The counter (ventanilla): three hundred students in a morning, each with a scan, a key and Enter."""
