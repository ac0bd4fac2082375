"""The door in: LoaderService over `worker.loader.Loader`."""
