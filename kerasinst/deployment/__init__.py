"""Files that are exported with a model, for phones, browsers and microcontrollers."""
