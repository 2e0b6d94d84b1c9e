"""GroupAppliance: the config and the floppy disk of a virtual machine that joins a group."""
