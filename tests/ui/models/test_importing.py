"""The import form: what it makes of what is typed, where it is allowed, and the import itself."""

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torchvision.models import get_model

from robust_core.errors import BadInput, WeightsUnavailable
from robust_core.events import result_of
from robust_core.labels import IMAGENET
from robust_core.models.catalogue import get_spec
from robust_core.models.class_lists import label_space
from robust_core.models.imports import import_file
from robust_core.ui.models import importing, incoming
from robust_core.ui.server import warmup
from tests.pages.opening import all_words, models_page

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="module")
def flower_net(tmp_path_factory):
    """A SqueezeNet with five classes behind DataParallel, as training scripts save it."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("nets") / "flowers.pth"
    torch.save(
        {
            "state_dict": {
                f"module.{key}": tensor
                for key, tensor in get_model("squeezenet1_1", num_classes=5).state_dict().items()
            }
        },
        path,
    )
    return path


@pytest.fixture
def sent(flower_net):
    one = incoming.expect()
    one.name = "flowers.pth"
    one.folder.mkdir(parents=True)
    one.path.write_bytes(flower_net.read_bytes())
    yield one
    incoming.no_longer_expect(one)


@pytest.mark.parametrize("text", ["0.5, 0.25 , 1", "0.5 0.25 1", "[0.5, 0.25, 1]", "(0.5;0.25;1)"])
def test_numbers_as_people_type_them(text):
    assert importing.numbers(text) == [0.5, 0.25, 1.0]


@pytest.mark.parametrize("text", ["a, b", "0.5 x", ""])
def test_what_is_no_number_is_said(text):
    with pytest.raises(BadInput, match="Expected numbers such as"):
        importing.numbers(text)


def test_a_key_is_made_of_the_title(monkeypatch):
    assert importing.free_key("My Flower-Net!") == "my_flower_net"
    assert importing.free_key("∞") == "own"
    assert importing.free_key("ResNet50") == "resnet50_2"


def test_an_import_has_its_classes_and_preprocessing_and_deletes_what_was_sent(sent):
    changes = {"size_px": 160, "mean": "0.5", "std": "0.25, 0.25, 0.25"}
    wish = importing.Wish(
        "squeezenet1_1",
        "Flower net",
        None,
        changes,
        label_space(b"daisy\ndandelion\nrose\nsunflower\ntulip", "flowers.txt"),
    )
    spec = result_of(importing._work(sent, wish))
    assert get_spec("flower_net") == spec
    assert spec.label_space.names == ("daisy", "dandelion", "rose", "sunflower", "tulip")
    assert (spec.preprocess.crop, spec.preprocess.mean, spec.preprocess.std) == (160, (0.5,) * 3, (0.25,) * 3)
    assert "flowers.pth" in spec.weights.source
    assert not sent.folder.exists()


def test_a_file_that_does_not_fit_stays_for_another_try(sent):
    wish = importing.Wish("resnet18", "Flower net", None, {}, IMAGENET)
    with pytest.raises(WeightsUnavailable, match="flowers.pth does not fit resnet18"):
        list(importing._work(sent, wish))
    assert sent.path.exists()


def test_a_row_survives_being_read_anew(flower_net):
    row = import_file(
        flower_net, "squeezenet1_1", "mine", "Mine", classes=label_space(b"a\nb\nc\nn01440764\ne", "own.txt")
    )
    assert get_spec("mine") == row
    assert row.label_space.imagenet == (None, None, None, 0, None)
    assert row.memory_bytes < 4 * 1_235_496


@pytest.mark.parametrize(
    ("stated", "sentence"), [("on", "code in it never runs"), ("off", "Whoever runs this server imports weights")]
)
def test_the_page_shows_the_form_or_the_way_through_a_terminal(monkeypatch, stated, sentence):
    monkeypatch.setenv("ROBUST_LAB_IMPORTS", stated)
    app = AppTest.from_file("../../../robust_core/ui/shell.py", default_timeout=60).run()
    app.switch_page("../../pages/evidence/models.py").run()
    assert not app.exception
    assert any(sentence in text.value for text in (*app.caption, *app.markdown))


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        (b"daisy\nrose\ntulip", "3 classes, from daisy to tulip."),
        (
            b"daisy\nrose\nrose",
            "3 classes, from daisy to rose (2). Names that occur twice carry their index: rose (1), rose (2).",
        ),
        (b"daisy", "own.txt lists 1 class; expected 2 to 100,000."),
    ],
)
def test_a_class_list_is_read_as_soon_as_it_is_there(monkeypatch, listed, said):
    monkeypatch.setenv("ROBUST_LAB_IMPORTS", "on")
    app = models_page()
    app.file_uploader(key="import_classes").set_value([("own.txt", listed, "text/plain")]).run()
    assert said in all_words(app).replace("\\", "")


def test_the_form_shows_the_input_of_the_network_and_what_is_wrong_with_it(monkeypatch):
    warmup.wait()
    monkeypatch.setenv("ROBUST_LAB_IMPORTS", "on")
    app = models_page()
    app.selectbox(key="import_architecture").set_value("resnet50").run()
    assert "Input: shorter side to 256 px (bilinear), centre 224 px" in all_words(app)
    app.number_input(key="import_size").set_value(160).run()
    assert "centre 160 px" in all_words(app)
    assert "changed as chosen" in all_words(app)
    app.text_input(key="import_mean").set_value("grey").run()
    assert "Expected numbers such as 0.485, 0.456, 0.406" in all_words(app)
    assert not app.exception
