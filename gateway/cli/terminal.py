"""What a terminal may be shown."""


def visible(text: str) -> str:
    """Text of a partner's without anything that could steer a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
