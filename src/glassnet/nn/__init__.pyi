from .activations import ACTIVATIONS as ACTIVATIONS, Activation as Activation
from .architecture import Architecture as Architecture, Parameters as Parameters
from .course import Course as Course
from .gradcheck import check_backward as check_backward
from .history import EpochRecord as EpochRecord, History as History, Stop as Stop, StopKind as StopKind
from .initializers import INITIALIZERS as INITIALIZERS
from .losses import (
    LOSSES as LOSSES,
    Head as Head,
    head_of as head_of,
    pinball as pinball,
    softmax as softmax,
)
from .network import Dropout as Dropout, backward as backward, forward as forward
from .optimizers import (
    OPTIMIZERS as OPTIMIZERS,
    SGD as SGD,
    Adam as Adam,
    Equations as Equations,
    Optimizer as Optimizer,
    OptimizerState as OptimizerState,
)
from .outputs import OUTPUTS as OUTPUTS
from .quantiles import uncross as uncross
from .samples import Samples as Samples
from .schedules import (
    SCHEDULES as SCHEDULES,
    Adaptive as Adaptive,
    Constant as Constant,
    Cosine as Cosine,
    CosineWarmup as CosineWarmup,
    CosLog4 as CosLog4,
    FlatCos as FlatCos,
    InverseScaling as InverseScaling,
    LinearWarmup as LinearWarmup,
    OneCycle as OneCycle,
    Schedule as Schedule,
)
from .smoothing import smooth_labels as smooth_labels
from .training import (
    EarlyStopping as EarlyStopping,
    Step as Step,
    Training as Training,
    epochs as epochs,
    steps as steps,
    train as train,
)
from .workspace import Workspace as Workspace
