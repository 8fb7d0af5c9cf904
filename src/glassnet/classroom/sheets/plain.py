"""What is given, as plain text for a terminal."""

from collections.abc import Iterator

from glassnet.classroom.sheets.content import Sheet
from glassnet.worked.notations import PlainText


def state(sheet: Sheet) -> Iterator[str]:
    """Yield the lines that state an exercise: its title, what is to be done, what is given, what holds."""
    notation, say = PlainText(sheet.language.point), sheet.language.say
    yield from ("", sheet.title, *sheet.paragraphs)
    yield from (f"  {name}: {value}" for name, value in sheet.facts)
    yield f"\n{say('given')}"
    for row in sheet.given:
        title = f"{row.title}: " if row.title else ""
        values = [
            f"{notation.name(one.name)} = {sheet.write_given(one, notation, sheet.language.between)}"
            for one in row.given
        ]
        yield "  " + title + ",  ".join(values)
    rules = sheet.write_rules(notation, (" = ", " <- "), str, str)
    if rules:
        yield f"\n{say('formulas')}"
        yield from (f"  {rule}" for rule in rules)
    yield f"\n{sheet.notes[0]}"
