"""The hands of the loader: follow the generator's log, stage what arrives, apply what is complete."""
