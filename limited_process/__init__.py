"""Start a module of ours as a process that can spend and reach only what it is given: memory, processor time, files, no network.

Both readers of untrusted files (`file_reader`, `paper_reader`) run so. Standard library only: it knows nothing of the office.
"""
