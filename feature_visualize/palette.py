"""Colours that the colour-blind tell apart.

Source: Okabe & Ito, Color Universal Design, 2008 (https://jfly.uni-koeln.de/color/); the grey is ours.
"""

BLUE, VERMILION, ORANGE, SKY_BLUE = "#0072B2", "#D55E00", "#E69F00", "#56B4E9"
GREY = "#6E6E6E"
