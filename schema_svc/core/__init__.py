"""What an experiment is, how it is read, checked, guessed and written. Plain Python."""
