"""What the pages share: the shell, the live plumbing, and drawing."""
