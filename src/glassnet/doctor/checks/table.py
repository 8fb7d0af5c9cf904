"""The table of the doctor's checks of a model."""

from glassnet.doctor._judging import by_code
from glassnet.doctor.checks import architecture, data, evaluation, network, symptoms, training

CHECKS = by_code(
    data.find_constant_inputs,
    data.find_unscaled_inputs,
    data.find_shifted_labels,
    data.find_unrelated_labels,
    data.find_imbalance,
    data.find_copies,
    data.find_scale_shift,
    data.find_permuted_labels,
    network.find_wrong_gradient,
    network.find_symmetric_units,
    architecture.find_too_few_units,
    network.find_large_weights,
    network.find_small_weights,
    training.find_large_rate,
    network.find_dead_units,
    network.find_vanishing_gradients,
    network.find_saturated_units,
    network.find_exploding_gradients,
    architecture.find_linear_network,
    training.find_small_rate,
    network.find_initial_loss,
    training.find_early_end,
    training.find_overfitting,
    symptoms.find_infinities,
    symptoms.find_oscillation,
    symptoms.find_stuck_loss,
    symptoms.find_unfit_batch,
    symptoms.find_blindness,
    evaluation.find_wrong_measure,
    evaluation.find_constant_answer,
    evaluation.find_small_test,
    architecture.find_too_many_parameters,
)
"""Every check of a model, by its code; causes stand before their symptoms."""
