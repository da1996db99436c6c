"""Uploads of whole exports: block by block onto the disk of the data folder, never into memory."""

from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers, StopUpload

from vertrauenskonto.db.actions.import_runs import UPLOAD_BYTES_MAX

# Where whole exports are sent to; elsewhere Django's own handlers do.
PATHS = ("/quellen/", "/einrichten/")
# The other fields of a form and what surrounds the files in it.
_AROUND_BYTES = 1024**2
# So much more is read and thrown away, so that the browser hears why; beyond it is cut off.
_PATIENCE = 4


class ExportUpload(FileUploadHandler):
    """Takes the files of signed-in people on the pages that import; others pass by."""

    def __init__(self, request: Any = None) -> None:  # Django's own argument
        super().__init__(request)
        self._file: Any = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a file in the data folder, or refuse what is announced as too large."""
        super().new_file(*args, **kwargs)
        request: Any = self.request
        if request is None or not request.path.startswith(PATHS):
            return
        if not getattr(getattr(request, "user", None), "is_authenticated", False):
            # Nothing of a stranger's is written; she is asked to sign in.
            raise StopUpload(connection_reset=False)
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > UPLOAD_BYTES_MAX + _AROUND_BYTES:
            request.is_upload_too_large = True
            raise StopUpload(connection_reset=length > _PATIENCE * UPLOAD_BYTES_MAX)
        folder = settings.DATA / "imports"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = UploadedFile(
            NamedTemporaryFile(prefix=".upload-", dir=folder),  # noqa: SIM115 - closed by Django
            self.file_name,
            self.content_type,
            0,
            self.charset,
            self.content_type_extra,
        )
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Write a block, or hand it on to the next handler."""
        if self._file is None:
            return raw_data
        self._file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> Any:
        """Return the file, from its beginning; None: another handler has it."""
        found, self._file = self._file, None
        if found is not None:
            found.seek(0)
            found.size = file_size
        return found

    def upload_interrupted(self) -> None:
        """Delete what arrived of a file that was cut off."""
        if self._file is not None:
            self._file.close()
