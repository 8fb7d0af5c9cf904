from .catalog import (
    DATASETS as DATASETS,
    Dataset as Dataset,
    ImageData as ImageData,
    LabelledImages as LabelledImages,
    load_fashion_mnist as load_fashion_mnist,
    load_mnist as load_mnist,
)
from .download import cache_folder as cache_folder
from .idx import idx_sha256 as idx_sha256, read_idx as read_idx, write_idx as write_idx
from .splits import (
    flatten as flatten,
    one_hot as one_hot,
    scale as scale,
    train_validation_split as train_validation_split,
)
from .streams import Batch as Batch, Stream as Stream
