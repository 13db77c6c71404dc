"""What IMSS answers about lotes: brought as files or noted by hand, checked, shown, applied in one transaction, taken back."""
