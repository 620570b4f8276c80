"""Smaller forms of the large networks."""

SMALL = {  # of the large ones, so that tests are fast
    "panns": {"variant": "cnn6", "width": 1 / 16},
    "irmas_panns": {"filters": (8, 16), "dense_units": (16,)},
    "resnet18": {"filters": (8, 16, 24), "blocks": 1},
    "yamnet": {"filters": (8, 16, 24, 32), "strides": (2, 1, 2, 2)},
    "mobilenet_v3_small": {"width": 1 / 4, "dense_units": 64},
    "gru": {"units": (8,)},
    "crnn": {"units": (8, 8)},
    "rcnn": {"units": 8, "filters": 8},
    "sed_crnn": {"units": (8,)},
}
