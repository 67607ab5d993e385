"""The demonstration: invented channels, a guide around the present hour, real test pictures."""
