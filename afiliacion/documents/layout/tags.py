"""Structure tags: what each piece of a page is, for screen readers.

reportlab draws no tags; it leaves a place for them. The tree follows ISO 32000-1, 14.7 and 14.8: every drawn piece is marked content of an
element, or an artifact; every page knows, through the parent tree, which element each of its marks belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas


class _Element(pdfdoc.PDFObject):
    """A node of the tree; formats itself, because a dictionary of reportlab for each would cost more than the page."""

    __RefOnly__ = 1

    def __init__(self, role: str, parent: _Element | None, alt: str) -> None:
        self.role, self.parent, self.alt = role, parent, alt
        self.page: Any = None
        self.kids: list[_Element | int] = []

    def format(self, document: Any) -> bytes:
        kids = b" ".join(b"%d" % kid if isinstance(kid, int) else _ref(kid, document) for kid in self.kids)
        # The type of a node is optional (ISO 32000-1, table 323), and there are dozens on a page.
        parts = [b"<< /S /", self.role.encode(), b" /K [", kids, b"]"]
        if self.parent is not None:
            parts += [b" /P ", _ref(self.parent, document)]
        if self.page is not None:
            parts += [b" /Pg ", pdfdoc.format(self.page, document)]
        if self.alt:
            parts += [b" /Alt ", pdfdoc.format(pdfdoc.PDFString(self.alt), document)]
        return b"".join([*parts, b" >>"])


class _Root(pdfdoc.PDFObject):
    __RefOnly__ = 1

    def __init__(self, top: _Element, pages: list[list[_Element]]) -> None:
        self.top, self.pages = top, pages

    def format(self, document: Any) -> bytes:
        nums = b"\n".join(b"%d [%s]" % (n, b" ".join(_ref(element, document) for element in marked)) for n, marked in enumerate(self.pages))
        return b"<< /Type /StructTreeRoot /K %s /ParentTree << /Nums [%s] >> /ParentTreeNextKey %d >>" % (
            _ref(self.top, document), nums, len(self.pages),
        )  # fmt: skip


def _ref(element: pdfdoc.PDFObject, document: Any) -> bytes:
    reference: bytes = pdfdoc.format(document.Reference(element), document)
    return reference


class Tags:
    """The tags of one document under way."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        # reportlab has no public access to its objects.
        self._document: Any = canvas._doc  # type: ignore[attr-defined]  # noqa: SLF001
        self._top = _Element("Document", None, "")
        self._at = self._top
        self._pages: list[list[_Element]] = [[]]

    @contextmanager
    def element(self, role: str, alt: str = "") -> Iterator[None]:
        """What is drawn inside belongs to an element of this role."""
        outer = self._at
        self._at = _Element(role, outer, alt)
        outer.kids.append(self._at)
        yield
        self._at = outer

    @contextmanager
    def content(self, role: str, alt: str = "") -> Iterator[None]:
        """An element and, in it, the marks drawn inside on this page."""
        with self.element(role, alt):
            marked = self._pages[-1]
            self._at.page = self._document.thisPageRef()
            self._at.kids.append(len(marked))
            self._canvas.addLiteral(f"/{role} <</MCID {len(marked)}>> BDC")
            marked.append(self._at)
            yield
            self._canvas.addLiteral("EMC")

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """Mark what is drawn inside as decoration, which screen readers skip: rules and page feet."""
        self._canvas.addLiteral("/Artifact BMC")
        yield
        self._canvas.addLiteral("EMC")

    def end_page(self) -> None:
        """To be called in place of the canvas' own showPage."""
        name = self._document.thisPageName()
        self._canvas.showPage()
        page = self._document.idToObject[name]
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = len(self._pages) - 1, pdfdoc.PDFName("S")
        self._pages.append([])

    def finish(self) -> None:
        """To be called before the canvas is saved."""
        catalog = self._document.Catalog
        root = _Root(self._top, self._pages[:-1])
        self._top.parent = root  # type: ignore[assignment]  # the root of the tree is the parent of its top
        catalog.StructTreeRoot = root
        catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": pdfdoc.PDFtrue})
