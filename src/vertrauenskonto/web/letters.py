"""Mails that a page sends while somebody waits: out, with an honest word on what became of them."""

import logging
import smtplib
from email.mime.text import MIMEText

from django.conf import settings
from django.core.mail import EmailMessage

from vertrauenskonto.core.errors import Text

LOG = logging.getLogger("vertrauenskonto.mail")


def is_set_up() -> bool:
    """Tell whether a mail server is named, so that mails go out at all."""
    return "dummy" not in settings.EMAIL_BACKEND


def send(
    to: str, subject: str, body: str, *, invitation: tuple[str, bytes] | None = None
) -> Text | None:
    """Send a mail; None: the server took it, else why it did not.

    `invitation` is a calendar file with its method (REQUEST, CANCEL).
    """
    if not is_set_up():
        return Text(
            "Es ist kein Mailserver eingestellt (VERTRAUENSKONTO_MAIL).",
            "No mail server is set (VERTRAUENSKONTO_MAIL).",
        )
    mail = EmailMessage(subject, body, to=[to])
    if invitation is not None:
        method, contents = invitation
        part = MIMEText(contents.decode(), "calendar", "utf-8")
        # Calendar programs offer to take it in only if the method stands here too.
        part.set_param("method", method)
        part.add_header("Content-Disposition", "attachment", filename="termin.ics")
        mail.attach(part)
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        LOG.error("mail.failed", extra={"error": type(error).__name__})
        return _why(error)
    return None


def _why(error: Exception) -> Text:
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Text(
            f"{where} nimmt Name oder Passwort nicht an. Prüfen Sie VERTRAUENSKONTO_MAIL.",
            f"{where} does not accept name or password. Check VERTRAUENSKONTO_MAIL.",
        )
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, told)] = list(error.recipients.values())[:1]
        words = told.decode(errors="replace")
        return Text(
            f"{where} nimmt keine Mail an diese Adresse an; er sagt: {code} {words}",
            f"{where} takes no mail to this address; it says: {code} {words}",
        )
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Text(
            f"{where} nimmt den Absender {settings.DEFAULT_FROM_EMAIL} nicht an. Prüfen Sie "
            "VERTRAUENSKONTO_MAIL_FROM.",
            f"{where} does not accept the sender {settings.DEFAULT_FROM_EMAIL}. Check "
            "VERTRAUENSKONTO_MAIL_FROM.",
        )
    if isinstance(error, smtplib.SMTPResponseException):
        said: object = error.smtp_error
        answer = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        return Text(
            f"{where} lehnt ab; er sagt: {error.smtp_code} {answer}",
            f"{where} refuses; it says: {error.smtp_code} {answer}",
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Text(
            f"{where} bietet keine Verschlüsselung (STARTTLS) oder keine Anmeldung an. Prüfen Sie "
            "die Art der Adresse in VERTRAUENSKONTO_MAIL.",
            f"{where} offers no encryption (STARTTLS) or no sign-in. Check the kind of address in "
            "VERTRAUENSKONTO_MAIL.",
        )
    reason = getattr(error, "strerror", None) or type(error).__name__
    return Text(
        f"{where} antwortet nicht ({reason}). Prüfen Sie Name, Port und Firewall.",
        f"{where} does not answer ({reason}). Check name, port and firewall.",
    )
