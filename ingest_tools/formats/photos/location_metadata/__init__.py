"""Copies of pictures that do not tell where they were taken, without decoding or encoding a pixel.

What goes: the GPS directory of Exif in every place where a TIFF structure can stand (the picture itself, thumbnails,
further pictures, Photoshop's blocks, PNG text), also one that nothing points to; coordinates in XMP, extended XMP, JSON
and other text, in any notation of `coordinates.notations`; GeoTIFF. Once there is a location anywhere, what cannot be
shown to be free of one goes as well: maker notes, application segments of unknown purpose, and whatever follows the
picture, such as the video of a motion photo.
What stays: names of places that a cataloguer wrote (`photoshop:City`, IPTC), captions, dates, cameras, colour profiles.

The copy is scanned again, searched for the very bytes of the coordinates, and opened by other readers, before it is
believed. A picture that holds a location and passes none of that has no copy.
"""
