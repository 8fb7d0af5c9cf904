from .base import FitConfig as FitConfig, TableResult as TableResult, Task as Task
from .fitting import Step as Step, fit_table as fit_table
from .folder import FitFolder as FitFolder
from .given import Given as Given, read_given as read_given
from .prediction import Predictor as Predictor
from .target import Target as Target
