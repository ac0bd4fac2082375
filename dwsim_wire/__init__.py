"""What both ends of a call agree on: errors, pages, batches as bytes, staging URIs, servers and channels."""
