"""UNLOAD and COPY: files in the staging area's buckets, written from queries and read into scratches."""
