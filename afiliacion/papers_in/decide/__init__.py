"""What follows from a document: the verbs of the case, what the case is told of its sheet, one decision a document."""
