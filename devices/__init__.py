"""What reads monitors and recordings: bytes and files in, Readings and Notices out.

Nothing here imports ``dashboard``; only `devices.reading.Reading` and `devices.reading.Notice` cross over.
"""
