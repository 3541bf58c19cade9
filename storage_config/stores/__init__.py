"""Object stores behind one protocol: the local disk, S3, and moving from one to the other."""
