from .base import (
    Claim as Claim,
    Conclusion as Conclusion,
    Exhibit as Exhibit,
    Insight as Insight,
    ModelResult as ModelResult,
    ModelSpec as ModelSpec,
    RunConfig as RunConfig,
    SplitData as SplitData,
    Study as Study,
    StudyResult as StudyResult,
    Verdict as Verdict,
)
from .diagnosis import RunDiagnosis as RunDiagnosis, diagnose_run as diagnose_run
from .engines import (
    OnEpoch as OnEpoch,
    train_classifier as train_classifier,
    train_regressor as train_regressor,
)
from .folder import RunFolder as RunFolder
from .runner import Snapshot as Snapshot, run_study as run_study
from .table import STUDIES as STUDIES
