"""Mail: one plain letter to one person, one outcome back."""

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import make_msgid
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Literal

from django.core.mail import EmailMessage, get_connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail in plain text; `settings_url` is where its reader says that she wants no more."""

    to: str
    subject: str
    text: str
    settings_url: str


# sent; held: somebody else sends it; away: try again later; refused: nobody has this address
MailOutcome = Literal["sent", "held", "away", "refused"]


def send(letter: Letter, *, begin: Callable[[], bool]) -> MailOutcome:
    """Send a mail once and return what became of it; never raises for the server's sake.

    `begin` is called when the server is there and the mail is about to leave; if it says no, the
    mail does not leave.
    """
    connection = get_connection()
    try:
        connection.open()
        try:
            if not begin():
                return "held"
            EmailMessage(
                subject=letter.subject,
                body=letter.text,
                to=[letter.to],
                connection=connection,
                headers={
                    # Not the machine's own name, which says where this runs.
                    "Message-ID": make_msgid(domain="vertrauenskonto.invalid"),
                    "Auto-Submitted": "auto-generated",
                    "List-Unsubscribe": f"<{letter.settings_url}>",
                },
            ).send()
        finally:
            connection.close()
    except SMTPRecipientsRefused:
        return "refused"
    except (OSError, SMTPException):
        return "away"
    return "sent"
