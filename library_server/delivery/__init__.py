"""Bytes to screens: grants, ranges, video, images."""
