"""Reads crawls: one, the last few, or those of a period."""
