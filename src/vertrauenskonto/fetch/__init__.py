"""What brings files and mails in from elsewhere: folders, SFTP servers, databases, mailboxes.

Lives here: one module per way; each connects, says what is new there, and hands it over in blocks.
May import: core, engine, notify (which addresses may be reached), paramiko, imap-tools, psycopg.
Never: Django, the database of the installation; writing anything there but into the place named.
"""
