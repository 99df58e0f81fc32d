"""Virtual monitors: patients that are made, the bedside around them, devices that show it, faults, and the ports.

The made numbers say nothing of any real person, nor of how well the detector works in a clinic.
"""
