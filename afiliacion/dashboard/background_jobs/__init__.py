"""The ledger of background work: what the office does by itself, how far it is, what failed, and who has seen it."""
