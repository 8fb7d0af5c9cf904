"""Where the rules are from; a rule of this library's own has none."""

CS231N = "CS231n, Neural Networks Part 2 and 3"
KARPATHY = "A. Karpathy, A Recipe for Training Neural Networks (2019)"
AUTOTRAINER = "AutoTrainer (Zhang et al., ICSE 2021)"
DEEPCHECKER = "TheDeepChecker (Ben Braiek and Khomh, TOSEM 2023)"
SAGEMAKER = "Amazon SageMaker Debugger, built-in rules"
