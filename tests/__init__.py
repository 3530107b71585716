"""The tests: names are sentences, stores are real, nothing of our own is mocked."""
