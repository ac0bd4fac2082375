"""Where batches become durable files, and where files go away again."""
