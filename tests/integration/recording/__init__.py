"""Recordings on real disks, in real processes and in real storage."""
