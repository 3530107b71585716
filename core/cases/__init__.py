"""Cases: their tables, the steps they may take, and the commands and queries around them."""
