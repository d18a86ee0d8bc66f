"""One file per family of results; importing it registers the comparers."""
