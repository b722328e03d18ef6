"""SVG and HTML elements as escaped strings."""

from markupsafe import Markup, escape

Content = str | Markup
Attribute = str | int | float | None


def tag(name: str, *content: Content, **attributes: Attribute) -> Markup:
    """Return one element; text and attribute values are escaped, elements made here are not escaped again.

    Args:
        name: Element name.
        content: Text or elements.
        attributes: An underscore stands for a hyphen, a trailing one is dropped, and None leaves the attribute out;
            numbers are written with at most two decimals.

    Example:
        >>> print(tag("text", "<b>", class_="tick", text_anchor="end", x=1 / 3))
        <text class="tick" text-anchor="end" x="0.33">&lt;b&gt;</text>
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{Markup('').join(content)}</{name}>")


def plain_number(value: float) -> str:
    """Return a coordinate with at most two decimals.

    Example:
        >>> plain_number(2.0), plain_number(0.125), plain_number(-0.001)
        ('2', '0.12', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _plain(value: str | int | float) -> str:
    return value if isinstance(value, str) else plain_number(value)
