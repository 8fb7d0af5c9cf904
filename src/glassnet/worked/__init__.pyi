from .claims import judge_published as judge_published
from .grade._data import GradedLine as GradedLine, LineStatus as LineStatus
from .grade._slips import Cause as Cause, CauseKind as CauseKind
from .grade.grade import Grade as Grade, grade_sheet as grade_sheet
from .problem import Problem as Problem
from .problem_file import build_problem as build_problem, read_problem as read_problem
from .sheet import Entry as Entry, Sheet as Sheet, read_sheet as read_sheet
from .svm.model import Inseparable as Inseparable, LinearSVM as LinearSVM
from .svm.solve import measure_margin as measure_margin, solve_svm as solve_svm
from .trace._data import TraceLine as TraceLine
from .tracing import Trace as Trace, trace_problem as trace_problem
