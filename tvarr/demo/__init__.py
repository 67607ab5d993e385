"""The demonstration: a small provider of invented television on this machine, for a first look.

`tvarr demo` starts it beside the ordinary controller and server, which know nothing of it: they
fetch a playlist and a guide from a loopback address as they would from any provider. `lineup`
says which channels there are, `shows` and `guide` what is on, `drawing` and `emblems` paint logos
and picture panels, `pictures` lets ffmpeg make a stream of them, and `provider` serves all of it
and writes the YAML file to begin with. Nothing here needs an account or leaves the machine.
"""
