from .answers import answers_svg as answers_svg, reliability_svg as reliability_svg
from .colours import sequential_colour as sequential_colour
from .hyperplane import (
    MarkedPoint as MarkedPoint,
    PointKind as PointKind,
    draw_hyperplane as draw_hyperplane,
    follow_theme as follow_theme,
)
from .images import image_grid as image_grid, image_png as image_png
from .intervals import plot_intervals as plot_intervals
from .losses import loss_limits as loss_limits, loss_svg as loss_svg, plot_losses as plot_losses
from .reliability import plot_reliability as plot_reliability
from .searches import parallel_svg as parallel_svg, trials_svg as trials_svg
