"""What holds for every command of the table."""

import inspect
import re
import subprocess
import sys
from argparse import SUPPRESS

import pytest

from robust_core.attacks.scoring import SCORING_RULES
from robust_core.attributions.methods import METHODS
from robust_core.cli import commands, main, parser
from robust_core.cli.commands import COMMANDS, GROUPS
from robust_core.cli.options import VOCABULARY
from robust_core.data.unknown_sets import UNKNOWN_KINDS
from robust_core.input_filters.table import INPUT_FILTERS
from robust_core.mini.splits import SPLITS
from robust_core.mini.training import PRECISIONS
from robust_core.mixing.table import MIX_KINDS
from robust_core.models.preprocessing import INTERPOLATIONS
from robust_core.settings import ROOT

BY_WORDS = {command.words: command for command in COMMANDS}
EVERY = pytest.mark.parametrize("command", COMMANDS, ids=BY_WORDS)
PRINT_NO_NUMBERS = {
    *(
        "app",
        "models download",
        "models verify",
        "record",
        "models import",
        "models remove",
        "data fetch",
        "benchmark merge",
        "benchmark sources",
        "lesson check",
        "lesson handouts",
    ),
    *("mini render", "mini sheet", "mini card", "mini seeds", "mini golden"),
}
COMPUTE = {
    *("models check", "attack", "mix", "shape-bias", "glasses", "edit-objects", "attribute", "calibration", "ood"),
    *("concepts", "simplicity-biases", "cue-removal", "gradient-alignment"),
    *("linear-probe", "feature-similarity", "fine-tune"),
    *(
        "benchmark run",
        "benchmark plan",
        "mini train",
        "mini seeds",
        "record",
        "reopen",
        "lesson prepare",
        "lesson handouts",
    ),
}


def flags(command) -> set[str]:
    return {option.flag for option in command.options}


def test_no_two_commands_have_the_same_words():
    assert len(BY_WORDS) == len(COMMANDS)
    assert {words.split()[0] for words in BY_WORDS if " " in words} == GROUPS.keys()


@EVERY
def test_a_command_has_a_function_of_the_options(command):
    assert list(inspect.signature(command.load()).parameters) == ["options"]


@EVERY
def test_help_names_every_option_and_what_it_means(command, capsys):
    assert main([*command.words.split(), "--help"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.startswith(f"usage: python -m robust_core {command.words} [-h]")
    assert command.help[1:] in printed
    for option in command.options:
        assert option.help.replace("%%", "%") in printed
        assert option.help != SUPPRESS


@pytest.mark.parametrize("flag", sorted({flag for command in COMMANDS for flag in flags(command)}))
def test_an_option_means_the_same_wherever_it_stands(flag):
    options = [option for command in COMMANDS for option in command.options if option.flag == flag]
    meanings = {option.help for option in options}
    kinds = {
        tuple(
            sorted(
                (name, str(value)) for name, value in option.arguments.items() if name not in ("default", "required")
            )
        )
        for option in options
    }
    assert (len(meanings), len(kinds)) == (1, 1)


def test_the_vocabulary_is_used_whole():
    assert {option.flag for option in VOCABULARY} <= set().union(*map(flags, COMMANDS))


def test_what_prints_numbers_can_write_them_and_what_computes_takes_a_device():
    assert {words for words, command in BY_WORDS.items() if "--out" not in flags(command)} == PRINT_NO_NUMBERS
    assert {words for words, command in BY_WORDS.items() if "--device" in flags(command)} == COMPUTE


def test_an_option_may_be_given_several_times():
    options = parser().parse_args(["models", "download", "--model", "a", "b", "--model", "c"])
    assert options.model == ["a", "b", "c"]


def test_no_help_imports_torch():
    """In one process, since each start costs; nor what is read by a command alone."""
    words = [*map(str.split, BY_WORDS), *([group] for group in GROUPS), []]
    code = (
        "import sys\nfrom robust_core.cli import main\n"
        f"assert {{main([*words, '--help']) for words in {words!r}}} == {{0}}\n"
        "sys.exit(len({'torch', 'numpy', 'PIL', 'streamlit', 'tqdm'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("written", "known"),
    [
        (commands.FILTERS, tuple(INPUT_FILTERS)),
        (commands.METHODS, METHODS),
        (commands.INTERPOLATIONS, INTERPOLATIONS),
        (commands.PRECISIONS, PRECISIONS),
        (commands.SPLITS, SPLITS),
        (commands.UNKNOWN_KINDS, UNKNOWN_KINDS),
        (commands.MIX_KINDS, MIX_KINDS),
        (commands.SCORING_RULES, [reading.key for reading in SCORING_RULES.values() if not reading.targeted_only]),
    ],
)
def test_what_the_table_repeats_is_what_the_other_modules_know(written, known):
    assert list(written) == list(known)


def texts():
    """Everything that can name a command, but for what is about old ones."""
    below = (path for folder in ("robust_core", "pages", "cache", "tests") for path in (ROOT / folder).rglob("*"))
    files = [ROOT / "README.md", *(path for path in below if path.suffix in (".py", ".md"))]
    about_old_ones = {
        ROOT / "robust_core/old_commands.py",
        ROOT / "tests/test_old_commands.py",
        ROOT / "tests/cli/test_commands.py",
    }
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files if path not in about_old_ones
    }


def test_every_command_that_is_named_is_there():
    named = [
        (where, words)
        for where, text in texts().items()
        for words in re.findall(r"-m (?:-- )?robust_core ([a-z][a-z-]+(?: [a-z]+)?)", text)
    ]
    assert len(named) > 25
    known = {*BY_WORDS, *GROUPS}
    assert [
        (where, words) for where, words in named if words not in known and words.split()[0] not in known - GROUPS.keys()
    ] == []


def test_no_text_names_an_old_command():
    old = re.compile(
        r"robust_core\.(?:models|samples|attacks|cue_conflict|attributions|benchmark|mini)(?: --?\w| [a-z]+[ `]| KEY|`)"
    )
    found = [(where, hit) for where, text in texts().items() for hit in re.findall(rf"-m {old.pattern}", text)]
    assert found == []


@pytest.mark.parametrize(
    "words", ["", "modles", "models", "models lst", "attack", "models download resnet50", "models list --n 3"]
)
def test_a_wrong_call_ends_with_2_and_says_how(words, capsys):
    assert main(words.split()) == 2
    printed, complaint = capsys.readouterr()
    assert printed == ""
    assert complaint.startswith("usage: python -m robust_core")
