"""Where two texts begin to differ and where they end to, found by halving: texts may be long."""


def common_beginning(one: str, other: str) -> int:
    """Length of the longest common beginning, in code points."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while high - low > 1:  # they are alike up to low, and differ before high
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def common_ending(one: str, other: str, most: int) -> int:
    """Length of the longest common ending, in code points, of at most ``most``."""
    low, high = 0, min(len(one), len(other), most)
    if not high or one[-high:] == other[-high:]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if one[-middle:] == other[-middle:]:
            low = middle
        else:
            high = middle
    return low
