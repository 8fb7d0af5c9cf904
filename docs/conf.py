"""How Sphinx makes the site from the pages of this folder: `make docs`. Nothing of it needs a network."""

import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "src")]

import glassnet  # noqa: E402

warnings.filterwarnings(
    "error", category=UserWarning, module=r"__main__|sklearn|glassnet"
)  # in an example, too

project = "glassnet"
author = "The glassnet contributors"
copyright = author
release = version = glassnet.__version__
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "matplotlib.sphinxext.plot_directive",
    "sphinx_gallery.gen_gallery",
    "_site.reference",  # pages of the API, from what each room says is public
    "_site.formulas",  # MathML, which browsers draw themselves
    "_site.links",  # out of this folder, and whether every link leads somewhere
]
exclude_patterns = [
    "_site",
    "**/pictures",
    "sg_execution_times.rst",
]  # the last one loads scripts from elsewhere
templates_path = ["_site/templates"]
nitpicky = False  # types in docstrings are said in words; what pages link to is checked in the finished site
suppress_warnings = ["config.cache"]  # functions in the settings of the gallery

myst_enable_extensions = ["colon_fence", "dollarmath"]
default_role = "py:obj"  # a name in docstrings is a link, where it is one of ours

myst_heading_anchors = 3

autosummary_generate = True
autodoc_preserve_defaults = True  # as the source has them
autodoc_typehints = "none"  # numpydoc's sections say the types
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

plot_formats = ["svg"]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_rcparams = {"figure.figsize": (6.4, 3.2), "figure.constrained_layout.use": True}
plot_apply_rcparams = True

sphinx_gallery_conf = {
    "examples_dirs": "../examples/gallery",
    "gallery_dirs": "gallery",
    "filename_pattern": "/",
    "download_all_examples": False,
    "within_subsection_order": "FileNameSortKey",
    "show_signature": False,
    "show_memory": False,
    "min_reported_time": 0,
    "abort_on_example_error": True,
    "plot_gallery": "True",
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "glassnet"
html_static_path = ["_site/static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_search_summary = False  # a page opened from a file may not fetch others
toc_object_entries_show_parents = "hide"
html_theme_options = {
    "logo": {"text": "glassnet"},
    "show_prev_next": True,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "collapse_navigation": True,
    "show_nav_level": 1,
    "navigation_depth": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_context = {"default_mode": "auto"}
