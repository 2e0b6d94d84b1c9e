"""Commands for what pools are made of: packages, SSH keys and runtimes."""
