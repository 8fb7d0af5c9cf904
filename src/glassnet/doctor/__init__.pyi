from ._diagnose import diagnose as diagnose
from ._judging import check as check
from .checks.table import CHECKS as CHECKS
from .diagnosis import Diagnosis as Diagnosis
from .findings import Cure as Cure, Finding as Finding, Severity as Severity, Symptom as Symptom
from .measure.measured import Remembered as Remembered
from .scores.claim_check import CheckedClaims as CheckedClaims, check_claims as check_claims
from .scores.claims import Claims as Claims, claims_of_search as claims_of_search, read_claims as read_claims
from .scores.reported import Reported as Reported
from .scores.scores import Slip as Slip, mcnemar as mcnemar, search_slips as search_slips
from .treatment import Treatment as Treatment, treat as treat
