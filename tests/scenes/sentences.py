"""What an error has to be for a person."""


def assert_one_sentence(error: BaseException) -> None:
    """What a person reads is one printable line, not a traceback."""
    text = str(error)
    assert text
    assert text.isprintable()
    assert "Traceback" not in text
    assert len(text) < 1500
