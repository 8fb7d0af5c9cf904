"""Groups of commands whose help says of each command a whole sentence."""

import click


class SentenceGroup(click.Group):
    """List each command with the first sentence of its help; click would cut it off in the middle."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None:
                rows.append((name, first_sentence(command.help or "")))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def first_sentence(text: str) -> str:
    """Return the first sentence of a help text, in one line.

    Examples
    --------
    >>> first_sentence("Find the hyperplane, or\\nshow that there is none. DATA is a file.")
    'Find the hyperplane, or show that there is none.'
    """
    paragraph = " ".join(text.split("\n\n")[0].split())
    return paragraph.split(". ")[0].rstrip(".") + "." if paragraph else ""
