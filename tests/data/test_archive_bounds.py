import io

import pytest

from robust_core.data.archive_bounds import HeadersTooLong, Meter, fault_of_name


def test_a_meter_reads_as_its_file_does_until_something_is_too_long():
    file = io.BytesIO(bytes(range(100)))
    meter = Meter(file)
    assert meter.read(10) == bytes(range(10))
    meter.allow(20)
    assert meter.read(5) + meter.read(15) == bytes(range(10, 30))
    with pytest.raises(HeadersTooLong):
        meter.read(1)
    meter.allow(None)
    meter.seek(90)
    assert (meter.tell(), meter.read()) == (90, bytes(range(90, 100)))


@pytest.mark.parametrize("size", [-1, 51, 10**15])
def test_what_is_too_long_is_not_read_to_its_end(size):
    class Endless:
        asked = 0

        def read(self, size):
            assert 0 <= size <= 51
            Endless.asked += size
            return bytes(size)

    meter = Meter(Endless())
    meter.allow(50)
    with pytest.raises(HeadersTooLong):
        meter.read(size)
    assert Endless.asked <= 51


def test_the_end_of_a_file_may_be_asked_for_with_more_than_there_is():
    meter = Meter(io.BytesIO(b"abc"))
    meter.allow(3)
    assert meter.read(10) == b"abc"
    assert meter.read(10) == b""


@pytest.mark.parametrize("name", ["a/b.png", "/".join("a" * 32), "x" * 1024, "é" * 512, "", "\udcff.png", "a\\b.png"])
def test_a_name_that_fits(name):
    assert fault_of_name(name) is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("x" * 1025, "holds a name of more than 1,024 bytes"),
        ("é" * 513, "holds a name of more than 1,024 bytes"),
        ("\udcff" * 342, "holds a name of more than 1,024 bytes"),
        ("/".join("a" * 33), "nests more than 32 folders"),
        ("\\".join("a" * 33), "nests more than 32 folders"),
    ],
)
def test_a_name_that_does_not(name, fault):
    assert fault_of_name(name) == fault
