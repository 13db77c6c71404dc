"""Lists as schools hand them over, damaged in known ways, with the truth beside each; and what was made of them."""
