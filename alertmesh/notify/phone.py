"""Numbers of phones, as providers want them and as they are compared."""

from alertmesh.core.page import Message, Recipient

MOBILE = "mobile"
_SEPARATORS = str.maketrans("", "", " -.()/\u00a0")
_SHORTEST, _LONGEST = 5, 15
_CHINA = "86"
_CHINESE_MOBILE = 11


def normal(number: str) -> str:
    """Return a number as digits alone, one of mainland China without country code; empty if it is none.

    >>> normal("+86 138-0000-0001"), normal("0049 30 123456"), normal("zhang")
    ('13800000001', '4930123456', '')
    """
    digits = number.translate(_SEPARATORS)
    digits = digits.removeprefix("+") if digits.startswith("+") else digits.removeprefix("00")
    if not (digits.isascii() and digits.isdecimal() and _SHORTEST <= len(digits) <= _LONGEST):
        return ""
    national = digits.removeprefix(_CHINA)
    is_chinese = len(national) == _CHINESE_MOBILE and national.startswith("1")
    return national if is_chinese else digits


def contact_of(recipient: Recipient, kind: str) -> str:
    """Return a person's contact of a kind; `mobile` is the one that everybody may have."""
    own = recipient.contacts.get(kind, "")
    return own or (recipient.mobile if kind == MOBILE else "")


def callee(message: Message, kind: str) -> str:
    """Return the number that a message is for.

    Raises LookupError, with what to do, when it is not for exactly one person who has such a number.
    """
    if len(message.recipients) != 1:
        raise LookupError(f"a message here is for one person, and not for {len(message.recipients)}")
    person = message.recipients[0]
    given = contact_of(person, kind)
    if not given:
        raise LookupError(f"{person.name} has no {kind}: add it to the user")
    number = normal(given)
    if not number:
        raise LookupError(f"{kind} of {person.name} is not a phone number: correct it in the user")
    return number
