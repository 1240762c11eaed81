"""The phone on real sockets: against itself, against baresip, and following scripts."""
