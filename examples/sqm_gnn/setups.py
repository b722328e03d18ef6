"""What the two set-ups are: the one that the papers print, and the one that their authors' code draws."""

MEANING = {
    "printed": "what the text prints: 500 m x 500 m, pairs 2 to 65 m apart, 1 W, -104 dBm; shadowing 8 dB and Rayleigh",
    "reproduces_2_6": "what the authors' code draws: i.i.d. Rayleigh, noise 0.1, weights uniform on [0, 1]",
}
