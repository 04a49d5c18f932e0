"""Read XML from upstreams, which is hostile input: no DTD, no entities, no network, no giant trees."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from connectors.sdk.errors import BadUpstreamData

# The text has been decoded already, so what the declaration says about bytes no longer holds.
_DECLARATION: Final = re.compile(r"<\?xml\b[^>]*\?>")
_PARSER: Final = etree.XMLParser(
    encoding="utf-8",
    huge_tree=False,
    load_dtd=False,
    no_network=True,
    remove_comments=True,
    remove_pis=True,
    resolve_entities=False,
)


def parse_xml(text: str) -> etree._Element:
    """Return the root element of a document, comments and processing instructions left out.

    Takes text, not bytes: decode with :func:`connectors.sdk.text.decode` first, because systems that
    declare GB2312 send GB18030. Any encoding that the declaration names is ignored.
    Raises BadUpstreamData for everything that is no well-formed document: truncation, a DTD (hence every
    entity bomb and external entity, XML 1.0 section 4), an undefined entity, nesting deeper than 256
    elements, a text node of more than 10 MB.
    NOT guaranteed: any limit on the number of elements; cap the body before.
    """
    if "<!DOCTYPE" in text:
        raise BadUpstreamData("XML with a document type")
    text = text.lstrip()
    declaration = _DECLARATION.match(text)
    root = _root(text[declaration.end() :] if declaration else text)
    if root is None:
        raise BadUpstreamData("not well-formed XML")
    return root


def _root(text: str) -> etree._Element | None:
    """Return the root, or None; lxml's error quotes the document, so it must not become a context."""
    try:
        return etree.fromstring(text.encode(), _PARSER)
    except (UnicodeEncodeError, etree.XMLSyntaxError):
        return None


def child_texts(parent: etree._Element) -> dict[str, str | None]:
    """Return what :func:`child_text` returns for each name of a child, in one pass over a row of many."""
    texts: dict[str, str | None] = {}
    for child in parent:
        tag, text = str(child.tag), child.text
        if tag not in texts:
            texts[tag] = (text.strip() or None) if text else None
    return texts


def child_text(parent: etree._Element, tag: str) -> str | None:
    """Return the text of the first child of that name, blanks around it cut; None when absent or empty."""
    text = parent.findtext(tag)
    return (text.strip() or None) if text else None
