"""Child processes that read untrusted bytes: one protocol for Python workers, limits, and the ffmpeg commands.

`child` is the parent's side and `worker` the child's side of the protocol, `messages` its lines.
"""
