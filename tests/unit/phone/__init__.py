"""The phone without sockets: codecs, packets, descriptions, signalling, timeline, measures."""
