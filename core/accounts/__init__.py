"""Who may come in, for how long, and what they did: passwords, sessions, attempts, audit, people, wall screens."""
