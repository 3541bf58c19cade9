"""The S3 store: client, uploads, reads, checksums, buckets and errors."""
