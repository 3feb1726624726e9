"""Name every way in which sign-in by a provider can fail, for people to be told what to do."""

from enum import StrEnum

from alertmesh.core.errors import AlertMeshError


class Failure(StrEnum):
    """Why somebody is not signed in."""

    DENIED = "denied"  # they, or the provider, said no
    STALE = "stale"  # it took too long, or was begun in another browser
    UNREACHABLE = "unreachable"  # the provider does not answer
    BROKEN = "broken"  # what it says cannot be believed, or it does not take us for who we are
    NO_NAME = "no-name"  # it does not say a name that an account can have
    NO_ROLE = "no-role"  # no rule gives a role
    TAKEN = "taken"  # the account of this name is somebody else's, or has a password
    WAIT = "wait"  # too many tries from one address


class SignInFailed(AlertMeshError):
    """A sign-in that came to nothing; the message is for the log, and holds neither token nor secret."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure


class UnknownKey(SignInFailed):
    """A token signed by a key that is not among those known: the provider may have new ones."""
