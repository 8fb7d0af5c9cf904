"""Laws that every data set of the table obeys, whatever the size of its images."""

import numpy as np
import pytest
from click.testing import CliRunner

from glassnet import MLPClassifier
from glassnet.cli import main
from glassnet.data import DATASETS
from glassnet.doctor.files import load_data
from glassnet.report.exhibits import draw_exhibit
from glassnet.studies import Exhibit

HERE = [name for name, dataset in DATASETS.items() if not dataset.may_download]


@pytest.fixture(scope="module", params=HERE)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def data(name):
    return DATASETS[name].load()


def invoke(*words):
    result = CliRunner().invoke(main, list(words), prog_name="glassnet")
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", DATASETS)
def test_an_entry_has_the_name_of_its_key_and_a_line_in_the_list(name):
    dataset = DATASETS[name]
    assert dataset.name == name
    assert f"{name:20}{dataset.description}\n" in invoke("data", "list")


def test_it_says_what_it_is_and_whose(data):
    assert all((data.name, data.description, data.licence, data.source))
    assert len(set(data.class_names)) == len(data.class_names) > 1


def test_images_are_bytes_of_one_size_and_every_class_is_in_every_part(data):
    assert {"train", "test"} <= data.parts.keys()
    for images, labels in data.parts.values():
        assert images.shape == (len(labels), *data.image_shape)
        assert images.dtype == np.uint8
        assert images.min() == 0
        assert images.max() > 1  # it was not divided by 255
        assert labels.dtype == np.int64
        assert set(labels) == set(range(len(data.class_names)))


def test_every_call_gives_arrays_of_its_own(name, data):
    other = DATASETS[name].load()
    assert not np.shares_memory(other.train.images, data.train.images)
    assert not np.shares_memory(other.train.labels, data.train.labels)


def test_samples_are_drawn_by_their_seed(data):
    images, labels = data.train.draw(4, 0)
    assert images.shape == (4, *data.image_shape)
    assert labels.shape == (4,)
    np.testing.assert_array_equal(images, data.train.draw(4, 0).images)
    assert not np.array_equal(images, data.train.draw(4, 1).images)
    assert len(data.test.draw(len(data.test.labels) + 1, 0).labels) == len(data.test.labels)


def test_it_is_shown_in_the_terminal_and_as_a_picture(name, data, tmp_path):
    path = tmp_path / "samples.png"
    shown = invoke("data", "show", name, "--count", "6", "--out", str(path))
    assert path.read_bytes().startswith(b"\x89PNG")
    assert data.description in shown
    labels = data.train.draw(6, 0).labels
    assert all(data.class_names[label][:14] in shown for label in labels)
    drawn = [line for line in shown.splitlines() if line.strip() and set(line) <= set(" .:-=+*#%@")]
    assert drawn
    assert max(map(len, drawn)) < 80


def test_it_is_shown_in_a_report(data):
    answers = {"name": "all zero", "answers": [0, 0]}
    markup = draw_exhibit(Exhibit("answers", "Two", {"indices": [0, 1], "models": [answers]}), data)
    assert markup.count("<img") == 2


def test_the_doctor_reads_it_as_a_model_takes_it(name, data):
    read = load_data(name, MLPClassifier(scale_uint8=True))
    assert read.X.shape == (len(data.train.labels), np.prod(data.image_shape))
    np.testing.assert_array_equal(read.X_test[0], data.test.images[0].ravel())
    np.testing.assert_array_equal(read.y_test, data.test.labels)
