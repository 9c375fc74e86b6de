"""The commands of the first edition say what they are called now; what they say can be called."""

import shlex
import subprocess
import sys

import pytest

from robust_core.cli import parser
from robust_core.old_commands import OLD_COMMANDS, new_words, print_new_name
from robust_core.settings import ROOT

# Each is a line of the first edition's README, help or tests.
CALLS = {
    "models list": "models list",
    "models download resnet50 resnext101_32x8d_wsl": "models download --model resnet50 resnext101_32x8d_wsl",
    "models verify": "models verify",
    "models verify a b": "models verify --model a b",
    "models import my.pth --architecture resnet50 --key k --title 'My own'": "models import my.pth --architecture "
    "resnet50 --key k --title 'My own'",
    "models remove mine": "models remove --model mine",
    "models check mine --images FOLDER": "models check --model mine --images FOLDER",
    "models check --images FOLDER mine": "models check --help",
    "samples list": "data list",
    "samples fetch imagenet-c --part noise --to /data --yes": "data fetch imagenet-c --part noise --to /data --yes",
    "attacks a b --images F --eps 0.1 1 --n 8": "attack --model a b --images F --eps 0.1/255 1/255 --n 8",
    "attacks a --images F --eps=4 --reading worst_so_far": "attack --model a --images F --eps=4/255 --scoring "
    "any_step_so_far",
    "attacks --help": "attack --help",
    "attacks": "attack",
    "cue_conflict a --stimuli F --as-orhan": "shape-bias --model a --images F --as-orhan",
    "attributions a --methods saliency rise --trust": "attribute --model a --method saliency rise --metrics",
    "benchmark run --model a --experiment imagenet --limit 5 --images 'My set'": "benchmark run --model a "
    "--experiment imagenet --n 5 --image-set 'My set'",
    "benchmark export --csv=a.csv --packed DIR": "benchmark export --out=a.csv --to DIR",
    "benchmark merge one two": "benchmark merge one two",
    "mini train --model a --model b --out DIR": "mini train --model a --model b --to DIR",
    "mini fingerprint": "mini golden",
    "mini render --out DIR --count 5": "mini render --to DIR --n 5",
}


@pytest.mark.parametrize("call", CALLS)
def test_an_old_call_becomes_a_new_one_that_can_be_called(call):
    package, *arguments = shlex.split(call)
    words = new_words(package, arguments)
    assert words == shlex.split(CALLS[call])
    if "--help" not in words and len(words) > 1:
        assert parser().parse_args(words).command.words == " ".join(
            words[: len(parser().parse_args(words).command.words.split())]
        )


def test_every_old_command_has_an_example():
    assert {call.split()[0] for call in CALLS} == OLD_COMMANDS.keys()


@pytest.mark.parametrize("package", OLD_COMMANDS)
def test_an_old_command_prints_the_new_one_and_does_nothing(package):
    done = subprocess.run(
        [sys.executable, "-m", f"robust_core.{package}", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    now = OLD_COMMANDS[package].now
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"This command has a new name: robust-lab {now} --help\n"


def test_where_the_keys_of_models_cannot_be_told_the_help_is_named(capsys):
    assert print_new_name("attacks", ["--n", "4", "resnet50"]) == 2
    assert "robust-lab attack --help" in capsys.readouterr().err


def test_under_torchrun_the_new_call_is_one_of_torchrun(monkeypatch, capsys):
    monkeypatch.setenv("LOCAL_RANK", "1")
    print_new_name("benchmark", ["run", "--limit", "5"])
    assert "torchrun … -m -- robust_core benchmark run --n 5\n" in capsys.readouterr().err
