"""The mailbox of documents, on a real IMAP server, with the mails that real programs write."""
