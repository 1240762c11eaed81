"""The recording of a call: sound in time, silenced in time, sealed."""
