"""The hands: deletions that go on by themselves, and parsing off the event loop."""
