"""The mailbox to which students send their documents."""
