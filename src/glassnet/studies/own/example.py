"""The commented example that ``glassnet study new`` writes."""

EXAMPLE = """\
# A study: models trained side by side, resumable, with a report.
#   {command} study check {file}     what would be trained, how long, how much disk
#   {command} study run {file} --quick

question = "Which activation and learning rate suit clothes best?"
epochs = 20                  # at most, of models that are trained in epochs
seeds = [0, 1]               # every candidate is trained with each
metrics = ["accuracy", "macro_f1"]   # the first one chooses; or "my_metrics:f", with --allow my_metrics

[data]
source = "fashion-mnist"     # an embedded data set; or "table.csv", "table.parquet", "my_data:load"
rows = 2000                  # how many samples to learn from; leave out for all
# target = "price"           # the column of a table to predict
# drop = ["customer_id"]     # columns to leave out
# images = "train-images.idx3-ubyte"   # or IDX files, in the place of source, with labels = "..."

[split]                      # data with a test part of their own keep it
test = 0.2
validation = 0.2             # candidates are chosen by it; the test part decides nothing
# folds = 5                  # or by cross-validation

[model]
estimator = "MLPClassifier"  # of glassnet or scikit-learn; or "my_models:Model", with --allow

[model.settings]             # what all candidates share
hidden_layer_sizes = [32]

[vary]                       # every combination; or a list of [[candidates]]
activation = ["relu", "tanh"]
learning_rate_init = [0.01, 0.001]
# train_rows = [500, 1000]   # how many samples each is trained with

[[published]]                # figures to be judged; leave out, or add more
metric = "accuracy"
value = "0.85"               # as it was written: its digits count
where = {{ activation = "relu", learning_rate_init = 0.001 }}
"""


def write_example(command: str, file: str) -> str:
    """Return the example with the command that runs it."""
    return EXAMPLE.format(command=command, file=file)
