"""`restore`: the way back of `backup`, which see."""

from vertrauenskonto.cli.backup import COMMANDS_BY_NAME

COMMAND = COMMANDS_BY_NAME["restore"]
