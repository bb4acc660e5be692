"""What a policy leaves of a value, as Snowflake says it: the engine's macros in its own words.

No backslash is in any pattern: Snowflake reads them in its strings, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firehose_loader.privacy import PiiClass
from firehose_loader.statements import literal

_BLANKS = "' ' || CHR(9) || CHR(10) || CHR(13)"
_FAMILIES = (
    ("Robot", "bot([^a-z0-9_]|$)|bot/|crawl|spider|^robot$", "i"),
    ("Gmail", "googleimageproxy|^gmail", "i"),
    ("Yahoo Mail", "yahoomailproxy|^yahoo mail", "i"),
    ("Outlook", "outlook|msoffice|ms-office", "i"),
    ("Thunderbird", "thunderbird", "i"),
    ("Edge", "(^|[^A-Za-z0-9_])Edg(e|A|iOS)?([^A-Za-z0-9_]|$)", "c"),
    ("Opera", "(^|[^A-Za-z0-9_])OPR/|^Opera", "c"),
    ("Samsung Browser", "Samsung ?Browser", "c"),
    ("Firefox", "Firefox|FxiOS", "c"),
    ("Chrome", "Chrome|CriOS|Chromium", "c"),
    ("Internet Explorer", "MSIE|Trident|^Internet Explorer", "c"),
    ("Safari", "Safari", "c"),
    ("Apple Mail", "AppleWebKit|^Apple Mail", "c"),
)


def _domain(value: str) -> str:
    # As "Jo <jo@example.com>" it ends with a bracket.
    plain = f"LOWER(TRIM({value}, ' >' || {_BLANKS}))"
    return _group(plain, "@([^@[:space:]<>\"'(),:;/?&#]+)$")


def _network(value: str) -> str:
    plain = f"LOWER(TRIM({value}, ' []' || {_BLANKS}))"
    four = _group(
        plain, "^(::ffff:)?([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3})[.][0-9]{1,3}(:[0-9]+|/24)?$", 2
    )
    padded = f"SPLIT_PART({_group(plain, '^([0-9a-f:]*)')}, '::', 1) || ':0:0:0'"
    parts = " || ':' || ".join(
        f"COALESCE(NULLIF(LTRIM(SPLIT_PART({padded}, ':', {at}), '0'), ''), '0')"
        for at in (1, 2, 3)
    )
    six = f"REGEXP_REPLACE(REGEXP_REPLACE({parts}, '(:0)+$', ''), '^0$', '') || '::/48'"
    is_six = _has(plain, "^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*(%[a-z0-9_]+|/48)?$")
    return f"CASE WHEN {four} IS NOT NULL THEN {four} || '.0/24' WHEN {is_six} THEN {six} END"


def _family(value: str) -> str:
    whens = " ".join(
        f"WHEN {_has(value, pattern, case)} THEN {literal(name)}"
        for name, pattern, case in _FAMILIES
    )
    return f"CASE WHEN TRIM({value}) = '' THEN NULL {whens} ELSE 'other' END"


def _location(value: str) -> str:
    scheme = _group(f"LOWER({value})", "^[[:space:]]*((mailto|tel|sms|sip):)")
    plain = _group(f"TRIM({value})", "^([^?#]*)")
    return f"COALESCE({scheme}, REGEXP_REPLACE({plain}, '://[^/]*@', '://'))"


def _group(value: str, pattern: str, number: int = 1) -> str:
    """SQL of the part of a text that a group of a pattern matches; NULL where there is none."""
    return f"REGEXP_SUBSTR({value}, {literal(pattern)}, 1, 1, 'e', {number})"


def _has(value: str, pattern: str, case: str = "c") -> str:
    """SQL that is true where a pattern is found in a text."""
    return f"REGEXP_COUNT({value}, {literal(pattern)}, 1, '{case}') > 0"


LESS: Mapping[str, Callable[[str], str]] = {
    PiiClass.EMAIL: _domain,
    PiiClass.IP: _network,
    PiiClass.USER_AGENT: _family,
    PiiClass.URL_QUERY: _location,
}
