"""The studio: a page on this machine that shows a network learn, stops it, and takes it a step back."""
