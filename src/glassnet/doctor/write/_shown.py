"""What can be printed, and shows itself in a notebook."""

from glassnet.doctor.write._text import render_text
from glassnet.doctor.write.document import Document
from glassnet.doctor.write.html import render_section


class Shown:
    """Something that the doctor has to say, as a `Document`; ``print`` it."""

    @property
    def document(self) -> Document:
        """All of it, in the order in which it is read."""
        raise NotImplementedError

    def __str__(self) -> str:
        return render_text(self.document)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.document.title!r}: {self.document.summary}>"

    def _repr_html_(self) -> str:
        return str(render_section(self.document))
