"""Mail: one plain letter to one person, one outcome back."""

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import make_msgid
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Literal

from django.core.mail import EmailMessage, get_connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail in plain text; `settings_url` is where its reader says that she wants no more.

    "": a person wrote it, to a customer. `mail_id` is its Message-ID, "" makes a new one.
    """

    to: str
    subject: str
    text: str
    settings_url: str = ""
    reply_to: str = ""
    mail_id: str = ""


# sent; held: somebody else sends it; away: try again later; refused: nobody has this address;
# unclear: the line broke while it left, so nobody knows
MailOutcome = Literal["sent", "held", "away", "refused", "unclear"]


def new_mail_id() -> str:
    """Return a Message-ID without the machine's own name, which says where this runs."""
    return make_msgid(domain="vertrauenskonto.invalid")


def send(letter: Letter, *, begin: Callable[[], bool]) -> MailOutcome:
    """Send a mail once and return what became of it; never raises for the server's sake.

    `begin` is called when the server is there and the mail is about to leave; if it says no, the
    mail does not leave.
    """
    connection, has_begun = get_connection(), False
    try:
        connection.open()
        try:
            if not begin():
                return "held"
            has_begun = True
            EmailMessage(
                subject=letter.subject,
                body=letter.text,
                to=[letter.to],
                reply_to=[letter.reply_to] if letter.reply_to else None,
                connection=connection,
                headers=_headers(letter),
            ).send()
        finally:
            connection.close()
    except SMTPRecipientsRefused:
        return "refused"
    except SMTPResponseException:
        # The server said no, so it has not got it.
        return "away"
    except (OSError, SMTPException):
        return "unclear" if has_begun else "away"
    return "sent"


def _headers(letter: Letter) -> dict[str, str]:
    headers = {"Message-ID": letter.mail_id or new_mail_id()}
    if letter.settings_url:
        headers["Auto-Submitted"] = "auto-generated"
        headers["List-Unsubscribe"] = f"<{letter.settings_url}>"
    return headers
