"""Lists of who IMSS says is insured under a registro patronal, if the office can get one: read, kept, ended. Nothing is applied by them."""
