"""The command line: reads the world, calls the library, prints.

Lives here: one module per group of commands.
May import: everything below; heavy packages only inside the commands that need them.
Never: logic worth testing on its own.
"""
