"""Original to derived assets: pictures in sizes, drawn covers, renditions."""
