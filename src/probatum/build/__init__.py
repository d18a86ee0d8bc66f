"""The build: steps over nodes with traces, from the text of a review to the files of a site."""
