"""The radio: one base station, its sub-channels, and the devices that upload on them."""
