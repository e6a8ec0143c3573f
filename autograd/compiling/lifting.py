"""placeholder"""


def lift(output, inputs):
    return None
