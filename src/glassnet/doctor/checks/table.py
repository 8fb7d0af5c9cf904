"""The table of the doctor's checks, causes before their symptoms."""

from glassnet.doctor.checks import architecture, data, evaluation, network, symptoms, training
from glassnet.doctor.findings import Check
from glassnet.doctor.measure.probe import TRIAL_STEPS
from glassnet.nn.gradcheck import WRONG

CS231N = "CS231n, Neural Networks Part 2 and 3"
KARPATHY = "A. Karpathy, A Recipe for Training Neural Networks (2019)"
AUTOTRAINER = "AutoTrainer (Zhang et al., ICSE 2021)"
DEEPCHECKER = "TheDeepChecker (Ben Braiek and Khomh, TOSEM 2023)"
SAGEMAKER = "Amazon SageMaker Debugger, built-in rules"
OWN = "this library"

CHECKS: dict[str, Check] = {
    check.code: check
    for check in (
        Check(
            "constant-inputs",
            "high",
            "Do the features vary at all?",
            f"at least {data.CONSTANT_SHARE:.0%} of the features are the same in every sample",
            DEEPCHECKER + "; the share is this library's",
            data.find_constant_inputs,
        ),
        Check(
            "unscaled-inputs",
            "high",
            "Are the inputs of the size that initial weights are made for?",
            f"a feature's root mean square is {data.LARGEST_INPUT:g} or more, or no feature's standard "
            f"deviation reaches {data.SMALLEST_INPUT:g}",
            f"{CS231N}: zero mean, unit variance; the limits are this library's",
            data.find_unscaled_inputs,
        ),
        Check(
            "shifted-labels",
            "high",
            "Do labels and samples stand in the same order?",
            "the nearest neighbour shares the label no more than half as much above chance as with the "
            "labels shifted by 1 to 5 rows",
            OWN,
            data.find_shifted_labels,
        ),
        Check(
            "unrelated-labels",
            "high",
            "Do the labels have to do with the samples?",
            "at any shift, the nearest neighbour shares the label less than 15 % of the way from chance to "
            "always",
            OWN,
            data.find_unrelated_labels,
        ),
        Check(
            "class-imbalance",
            "high",
            "Is one class so common that accuracy says little?",
            f"one class has at least {data.MAJORITY:.0%} of the samples",
            f"{SAGEMAKER}, ClassImbalance, names the fault; the share is this library's",
            data.find_imbalance,
        ),
        Check(
            "test-leak",
            "high",
            "Are test samples training samples too?",
            f"at least {data.COPIES:.0%} of the test rows are training rows; high from "
            f"{data.MANY_COPIES:.0%}",
            OWN,
            data.find_copies,
        ),
        Check(
            "scale-shift",
            "high",
            "Were training and test data prepared alike?",
            f"the standard deviation of all test features is {data.SCALE_RATIO:g} times larger or smaller, "
            "or their mean a standard deviation away",
            OWN,
            data.find_scale_shift,
        ),
        Check(
            "permuted-labels",
            "high",
            "Do the test labels mean what the training labels mean?",
            f"renamed or shifted labels raise the test accuracy by {data.PERMUTED_GAIN:.0%} or more",
            OWN,
            data.find_permuted_labels,
        ),
        Check(
            "wrong-gradient",
            "high",
            "Is the backward pass the slope of the loss?",
            f"relative error above {WRONG:g} against central differences",
            f"{CS231N}, gradient checks: above 1e-2 is wrong",
            network.find_wrong_gradient,
        ),
        Check(
            "symmetric-units",
            "high",
            "Do the units of a layer differ?",
            f"incoming weights of all units of a layer equal to {network.EQUAL:g} of the largest before "
            f"training, {network.NEARLY_EQUAL:g} after",
            f"{CS231N}: all-zero initialisation; {DEEPCHECKER}: unbreaking symmetry",
            network.find_symmetric_units,
        ),
        Check(
            "too-few-units",
            "high",
            "Is every layer wide enough for the classes?",
            "a hidden layer has fewer than log2(classes) units",
            OWN,
            architecture.find_too_few_units,
        ),
        Check(
            "large-weights",
            "high",
            "Do the initial weights blow the signal up?",
            f"geometric mean of std(W) √fan_in of the layers at least {network.LARGEST_GAIN:g}",
            "He et al. (2015), eq. 10: √2 keeps a ReLU's signal; the limit is this library's",
            network.find_large_weights,
        ),
        Check(
            "small-weights",
            "high",
            "Do the initial weights let the signal die?",
            f"geometric mean of std(W) √fan_in of the layers at most {network.SMALLEST_GAIN:g}",
            "He et al. (2015), eq. 10; Glorot and Bengio (2010); the limit is this library's",
            network.find_small_weights,
        ),
        Check(
            "large-learning-rate",
            "high",
            "Are the steps too long?",
            "not learnt, and a short training with a smaller rate, down to a millionth, ends below "
            f"{training.MUCH_BETTER:g} of its loss; or the last training loss is {training.LOST:g} times the "
            "lowest",
            f"{CS231N}, loss shapes; tried instead of guessed",
            training.find_large_rate,
        ),
        Check(
            "dead-units",
            "high",
            "Do the ReLU units react to anything?",
            f"the slope of at least {network.DEAD:.0%} of a layer's units is 0 on every sample",
            f"{DEEPCHECKER} and {SAGEMAKER}, DeadRelu: half a layer. {CS231N} warns from 40 %",
            network.find_dead_units,
        ),
        Check(
            "vanishing-gradients",
            "high",
            "Does the gradient reach the first layer?",
            f"at least 3 hidden layers, and norm of dLoss/dW of the first below {network.VANISHED:g} of the "
            "last one's, before training",
            f"{AUTOTRAINER} takes 1e-3; at a twentieth the first layer learns twenty times slower",
            network.find_vanishing_gradients,
        ),
        Check(
            "saturated-units",
            "high",
            "Do sigmoid and tanh units work where they bend?",
            f"at least {network.FLAT:.0%} of a layer's slopes are below 5 % of the steepest",
            f"{DEEPCHECKER}: half a layer's units saturated",
            network.find_saturated_units,
        ),
        Check(
            "exploding-gradients",
            "high",
            "Does the gradient grow on its way back?",
            f"norm of dLoss/dz of the first layer above {network.EXPLODED:g} times the last one's, before "
            "training",
            f"{AUTOTRAINER}: 70",
            network.find_exploding_gradients,
        ),
        Check(
            "linear-network",
            "medium",
            "Do the hidden layers do more than none?",
            "every hidden activation is a straight line",
            f"{CS231N}: without the non-linearity the layers collapse into one",
            architecture.find_linear_network,
        ),
        Check(
            "small-learning-rate",
            "high",
            "Are the steps too short?",
            f"not learnt, a step changes the weights by less than {training.SMALL_UPDATE:g} of their size, "
            f"and a short training with a larger rate ends below {training.MUCH_BETTER:g} of its loss, or "
            f"falls {training.FASTER} times as far",
            f"{CS231N}: updates should be about 1e-3 of the weights; a tenth of that is taken",
            training.find_small_rate,
        ),
        Check(
            "large-initial-loss",
            "high",
            "Does the network begin like a guess?",
            f"initial loss above {network.INITIAL_LOSS:g} times ln K",
            f"{CS231N} and {KARPATHY}: ln K at the start; the factor is this library's",
            network.find_initial_loss,
        ),
        Check(
            "early-end",
            "high",
            "Was training given time?",
            f"not learnt, and the loss still falls by {training.STILL_FALLING:.0%} of a guess's an epoch; or "
            f"training took fewer than {TRIAL_STEPS} steps, and a trial of so many ends below "
            f"{training.MUCH_BETTER:g} of its loss",
            f"{AUTOTRAINER}, slow convergence: 1 % an epoch",
            training.find_early_end,
        ),
        Check(
            "overfitting",
            "medium",
            "Does it learn the samples by heart?",
            f"last validation loss {training.OVERFITTING_RISE:g} times the lowest while the training loss "
            f"falls; or test accuracy {training.GENERALISATION_GAP:.0%} and 3 standard errors below the "
            "training accuracy",
            f"{SAGEMAKER}, Overfit and Overtraining, name the fault; the limits are this library's",
            training.find_overfitting,
        ),
        Check(
            "not-finite",
            "high",
            "Are all numbers finite, and where do they stop being so?",
            "a NaN or an infinity in the weights, or in the loss of training run again",
            f"{SAGEMAKER}, ExplodingTensor; {DEEPCHECKER}",
            symptoms.find_infinities,
        ),
        Check(
            "oscillating-loss",
            "medium",
            "Does the loss fall smoothly?",
            f"in {symptoms.UPS:.0%} of the epochs the loss rises by more than {symptoms.UP_SIZE:.0%} of a "
            "constant answer's",
            f"{AUTOTRAINER}: amplitude 0.03 in 20 % of the epochs",
            symptoms.find_oscillation,
        ),
        Check(
            "stuck-loss",
            "high",
            "Does the loss fall at all?",
            f"not learnt, and over 5 epochs or more it fell by less than {symptoms.STUCK:.0%}",
            f"{SAGEMAKER}, LossNotDecreasing: 0.1 % in 10 steps; here over the whole training",
            symptoms.find_stuck_loss,
        ),
        Check(
            "unfit-batch",
            "high",
            "Can it learn one batch by heart?",
            f"not learnt, and 200 steps on 20 samples leave {symptoms.LEARNT_BATCH:.0%} of the loss, at any "
            "of three learning rates",
            f"{KARPATHY}: overfit one batch; {CS231N}: 20 samples",
            symptoms.find_unfit_batch,
        ),
        Check(
            "blind-network",
            "high",
            "Does it look at its input?",
            f"not learnt, and its loss is at least {symptoms.SAME_AS_BLIND:.0%} of that of a twin that is "
            "fed zeros",
            f"{KARPATHY}: input-independent baseline",
            symptoms.find_blindness,
        ),
        Check(
            "wrong-measure",
            "high",
            "Is the reported score the accuracy of the answers?",
            "the reported score is, to its last digit, not the accuracy of the answers to the test data",
            OWN,
            evaluation.find_wrong_measure,
        ),
        Check(
            "constant-answer",
            "high",
            "Does it give more than one answer?",
            f"at least {evaluation.ONE_ANSWER:.0%} of the answers are one class",
            OWN,
            evaluation.find_constant_answer,
        ),
        Check(
            "small-test",
            "low",
            "Is the test set large enough for its score?",
            f"half the 95 % interval of the accuracy is {evaluation.HALF_WIDTH:.0%} or more",
            "Wilson (1927); the limit is this library's",
            evaluation.find_small_test,
        ),
        Check(
            "many-parameters",
            "low",
            "Is the network far larger than the data?",
            f"more than {architecture.TOO_MANY_PARAMETERS:g} parameters a sample",
            OWN,
            architecture.find_too_many_parameters,
        ),
    )
}
"""Every check of a model, by its code; causes stand before their symptoms."""
