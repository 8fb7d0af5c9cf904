from ._diagnose import diagnose as diagnose
from .diagnosis import Diagnosis as Diagnosis
from .findings import Cure as Cure, Finding as Finding
from .scores.claim_check import check_claims as check_claims
from .scores.claims import Claims as Claims, read_claims as read_claims
from .scores.scores import Reported as Reported, Slip as Slip, search_slips as search_slips
from .treatment import Treatment as Treatment, treat as treat
