"""The data sets that can be fetched: archives, sizes, hashes and licences, as a table. What fetches them is in
`fetching.py` and `cloning.py`.

None stands for what could not be found stated: a size, a hash. Where the rows come from: ImageNet-C and -P, README.md
of hendrycks/robustness, whose MD5s for ImageNet-C eight public loaders repeat; ImageNet-A, README.md of
hendrycks/natural-adv-examples; exact sizes and SHA-256, tensorflow/datasets (checksums.tsv of imagenet_a, imagenet_r,
imagenet_v2 and imagenet_sketch); validation set, torchvision 0.29.2, datasets/imagenet.py.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from robust_core.data import datasets
from robust_core.data.datasets import DataSet
from robust_core.errors import BadInput, UnknownName


@dataclass(frozen=True)
class Archive:
    """One file of a data set; at least one of `md5` and `sha256` is stated, and `hash_unconfirmed` when by one public
    loader alone.

    `bytes` is exact and `about_gb` rounded. `adds` are the folders that it is known to bring, below the data set's own,
    which itself is "".
    """

    part: str
    data_set: DataSet
    url: str
    bytes: int | None
    about_gb: int | None
    md5: str | None
    sha256: str | None
    hash_unconfirmed: bool
    adds: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the file is called here; its own name would not tell noise.tar of ImageNet-C from that of ImageNet-P."""
        suffix = next(suffix for suffix in (".tar", ".tar.gz", ".zip") if urlsplit(self.url).path.endswith(suffix))
        return f"{self.data_set.folders[0]}-{self.part}{suffix}"


@dataclass(frozen=True)
class Repository:
    """One folder `path` of a git repository at a `commit`, which goes to `folder`; git compares every file with the
    commit's hash.
    """

    url: str
    commit: str
    path: str
    folder: str


@dataclass(frozen=True)
class Download:
    """What `fetch` can be asked for: the archives of a data set, a repository, or `by_hand` the commands for one that
    has neither.
    """

    key: str
    title: str
    licence: str
    archives: tuple[Archive, ...]
    by_hand: str
    repository: Repository | None = None

    def parts(self, names: tuple[str, ...]) -> tuple[Archive, ...]:
        """The archives called `names`; none need be named where there is one only. Raises UnknownName, or BadInput for
        no choice.
        """
        known = {archive.part: archive for archive in self.archives}
        for name in names:
            if name not in known:
                raise UnknownName(f"part of {self.title}", name, known)
        if not names and len(known) > 1:
            raise BadInput(f"{self.title} comes in parts; choose with --part from {', '.join(known)}.")
        return tuple(known[name] for name in dict.fromkeys(names)) or self.archives


def _imagenet_c(part: str, about_gb: int, md5: str, adds: tuple[str, ...]) -> Archive:
    url = f"https://zenodo.org/records/2235448/files/{part}.tar?download=1"
    return Archive(part, datasets.IMAGENET_C, url, None, about_gb, md5, None, False, adds)


def _imagenet_p(part: str, md5: str) -> Archive:
    url = f"https://zenodo.org/records/3565846/files/{part}.tar?download=1"
    return Archive(part, datasets.IMAGENET_P, url, None, None, md5, None, True, ())


def _imagenet_v2(data_set: DataSet, part: str, size_bytes: int, sha256: str) -> Archive:
    url = f"https://huggingface.co/datasets/vaishaal/ImageNetV2/resolve/main/imagenetv2-{part}.tar.gz"
    return Archive(part, data_set, url, size_bytes, None, None, sha256, False, ("",))


def _hendrycks(data_set: DataSet, name: str, size_bytes: int, md5: str, sha256: str) -> Archive:
    url = f"https://people.eecs.berkeley.edu/~hendrycks/{name}.tar"
    return Archive("all", data_set, url, size_bytes, None, md5, sha256, False, ("",))


UNKNOWN_LICENCE = "unknown, none was found stated for the images"

DOWNLOADS = (
    Download(
        key="imagenet-a",
        title="ImageNet-A",
        licence="its repository is under the MIT licence",
        archives=(
            _hendrycks(
                datasets.IMAGENET_A,
                "imagenet-a",
                687552512,
                "c3e55429088dc681f30d81f4726b6595",
                "3bb3632277e6ba6392ea64c02ddbf4dd2266c9caffd6bc09c9656d28f012589e",
            ),
        ),
        by_hand="",
    ),
    Download(
        key="imagenet-c",
        title="ImageNet-C",
        licence="commonly said to be CC BY 4.0, which is unverified; the images are under ImageNet's terms of use",
        archives=(
            _imagenet_c(
                "noise", 21, "e80562d7f6c3f8834afb1ecf27252745", ("gaussian_noise", "shot_noise", "impulse_noise")
            ),
            _imagenet_c(
                "blur",
                7,
                "2d8e81fdd8e07fef67b9334fa635e45c",
                ("defocus_blur", "glass_blur", "motion_blur", "zoom_blur"),
            ),
            _imagenet_c("weather", 12, "33ffea4db4d93fe4a428c40a6ce0c25d", ("frost", "snow", "fog", "brightness")),
            _imagenet_c(
                "digital",
                7,
                "89157860d7b10d5797849337ca2e5c03",
                ("contrast", "elastic_transform", "pixelate", "jpeg_compression"),
            ),
            _imagenet_c(
                "extra",
                15,
                "d492dfba5fc162d8ec2c3cd8ee672984",
                ("speckle_noise", "spatter", "gaussian_blur", "saturate"),
            ),
        ),
        by_hand="",
    ),
    Download(
        key="imagenet-p",
        title="ImageNet-P",
        licence=UNKNOWN_LICENCE,
        archives=(
            _imagenet_p("noise", "619b37b5139ce764f77ce3bed3aee837"),
            _imagenet_p("blur", "869b2d2fb1604d1baa4316b5ecc9fdea"),
            _imagenet_p("weather", "a597ff6db8c6fb0dbcd6eb12ed620002"),
            _imagenet_p("digital", "8c1f73e4912812788e2fdb637cd55372"),
        ),
        by_hand="",
    ),
    Download(
        key="imagenet-r",
        title="ImageNet-R",
        licence=UNKNOWN_LICENCE,
        archives=(
            _hendrycks(
                datasets.IMAGENET_R,
                "imagenet-r",
                2191079936,
                "a61312130a589d0ca1a8fca1f2bd3337",
                "18c6bf493b39a0d975d48e587437f562caab9c52ae6327dcfa9dd8eb54aa1b52",
            ),
        ),
        by_hand="",
    ),
    Download(
        key="imagenet-v2",
        title="ImageNet-V2",
        licence=UNKNOWN_LICENCE,
        archives=(
            _imagenet_v2(
                datasets.IMAGENET_V2_MATCHED,
                "matched-frequency",
                1264079360,
                "f0c37fdf925916b19ea1323cd9a2208cdb6959ba2c32eef2a7fc393835c9ca7c",
            ),
            _imagenet_v2(
                datasets.IMAGENET_V2_THRESHOLD,
                "threshold0.7",
                1249906176,
                "32142bfe998f9cfa4141be691f6a80eeb1e27b24bd532a668eb08c26d98897a2",
            ),
            _imagenet_v2(
                datasets.IMAGENET_V2_TOP,
                "top-images",
                1245927936,
                "85e4ace30f3f0d660152062254b8759dda66267b27f7ec0fd8d5768f1073a04b",
            ),
        ),
        by_hand="",
    ),
    Download(
        key="imagenet-sketch",
        title="ImageNet-Sketch",
        licence=UNKNOWN_LICENCE,
        archives=(
            Archive(
                part="all",
                data_set=datasets.IMAGENET_SKETCH,
                url="https://huggingface.co/datasets/songweig/imagenet_sketch/resolve/main/data/ImageNet-Sketch.zip",
                bytes=7593573012,
                about_gb=None,
                md5=None,
                sha256="4d3ce6b82a7c48aabf14aeac105eb533e75707f152cc858f55bfc022031a72ed",
                hash_unconfirmed=False,
                adds=("",),
            ),
        ),
        by_hand="",
    ),
    Download(
        key="cue-conflict",
        title="Cue-conflict stimuli",
        licence="CC BY 4.0 (DATASET_LICENSE in their repository)",
        archives=(),
        by_hand="",
        repository=Repository(
            url="https://github.com/rgeirhos/texture-vs-shape",
            commit="ccd0c01d42c0a8a834e90ec141e7f24fa915dc23",
            path="stimuli/style-transfer-preprocessed-512",
            folder="cue-conflict",
        ),
    ),
    Download(
        key="val",
        title="ImageNet validation set",
        licence="ImageNet's terms of use: research and education that is not commercial",
        archives=(),
        by_hand=(
            "# Log in at https://image-net.org and put two files into {folder}:\n"
            "# ILSVRC2012_img_val.tar         (MD5 29b22e2961454d5413ddabcf34fc5622)\n"
            "# ILSVRC2012_devkit_t12.tar.gz   (MD5 fa75699e90414af021442c21a62c3abf)\n"
            "cd {folder} && python -c \"from torchvision.datasets import ImageNet; ImageNet('.', split='val')\""
        ),
    ),
)


def find_download(key: str) -> Download:
    """The row called `key`; raises UnknownName."""
    rows = {row.key: row for row in DOWNLOADS}
    if key not in rows:
        raise UnknownName("data set to fetch", key, rows)
    return rows[key]
