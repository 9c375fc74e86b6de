"""Evidence of the scenes on attacks: the invisible change, ten and fifty steps, and a defence that is broken."""

from collections.abc import Sequence

from robust_core import settings
from robust_core.benchmark import stored_runs
from robust_core.intervals import Interval
from robust_core.labels import IMAGENET, MINI
from robust_core.lesson.answers import Answer, Curve
from robust_core.lesson.evidence_photos import ACCURACY, ILLUSTRATES, ORDINARY, photos_here, stands_in
from robust_core.lesson.found import Found, answer_of, each, quoted
from robust_core.lesson.scene_images import SceneImage
from robust_core.recordings import shipped
from robust_core.results import IN_255THS, Result
from robust_core.studies.attack_frames import AttackFrames
from robust_core.studies.request import Request

TEN, FIFTY = 10, 50
PGD, BY_STEPS = "orhan2019_pgd", "white-box PGD by steps"
WSL = tuple(f"resnext101_32x{width}d_wsl" for width in (8, 16, 32, 48))
EXPERIMENT, SHOWN_OF_MINI = "mini_pgd", ("mini_resnext_wsl", "mini_resnext_at8")
DEFENCE = "logits_x100"
RADII = (0.25, 0.5)  # of the certificate


def invisible_requests() -> tuple[Request, ...]:
    """The photo of the Story page under attack, and the smallest changes found of all photos; in Mini, of one image."""
    if not photos_here():
        return each(shipped.change_request(MINI))
    return shipped.hero_request(), shipped.references_request(IMAGENET).of(shipped.hero_request().spec)


def invisible_answers(found: Sequence[Found]) -> tuple[Answer, ...]:
    """What one level of 8 bits does to the photo, and the smallest change that fools."""
    if found[0].request.label_space == MINI:
        return tuple(answer for one in found for answer in _smallest(one))
    attack, references = found
    return *_attacked(attack), *_smallest(references, _label_of(attack))


def invisible_images(found: Sequence[Found]) -> tuple[SceneImage, ...]:
    """The photo; with the reveal, the attacked one as a file holds it, and the change enlarged."""
    image = found[0].request.images[0]
    if found[0].request.label_space == MINI:
        return (SceneImage("The image", image.rgb, "The image that is to be changed", f"Its label is “{image.name}”."),)
    frames = _frames(found[0])
    said = _predicted(frames, frames.label[0], frames.probability[0])
    now = _predicted(frames, *frames.stored_prediction.top(1)[0])
    enlarged = f"The change, enlarged {frames.factor:,} times; grey is none."
    return (
        SceneImage("The photo", frames.attacked[0], "The photo that is to be changed", f"Clean: {said}."),
        SceneImage("As a file holds it", frames.stored, "The attacked photo", f"Attacked: {now}.", at_once=False),
        SceneImage("What was added", frames.change[-1], "The change, enlarged", enlarged, at_once=False),
    )


def steps_requests() -> tuple[Request, ...]:
    """Mini's networks under attack, step by step."""
    return each(shipped.steps_request())


def ten_steps_answers(found: Sequence[Found]) -> tuple[Answer, ...]:
    """What ten steps leave."""
    return _after(TEN, found)


def fifty_steps_answers(found: Sequence[Found]) -> tuple[Answer, ...]:
    """What fifty steps leave."""
    return _after(FIFTY, found)


def ten_steps_curves(found: Sequence[Found]) -> tuple[Curve, ...]:
    """What Mini's networks keep up to the tenth step."""
    return _curves(TEN, found)


def fifty_steps_curves(found: Sequence[Found]) -> tuple[Curve, ...]:
    """The same curves to their end."""
    return _curves(FIFTY, found)


def defence_requests() -> tuple[Request, ...]:
    """A defence that scales logits, under every attacker; and a proof."""
    return *each(shipped.defence_request(MINI, DEFENCE)), *each(shipped.proof_request())


def defence_answers(found: Sequence[Found]) -> tuple[Answer, ...]:
    """What each attacker leaves of the defence, its alarms, and what is proved of a smoothed network."""
    defended, proved = found
    ((outcome,),) = defended.result.outcomes.values()
    who, frame = f"{outcome.spec.title}, {outcome.row.title}", defended.result.frame
    protocols = dict(zip(frame["attack"], frame["protocol"], strict=True))
    answers = [defended.share(f"{who}: clean", outcome.clean_accuracy, f"accuracy; {protocols['clean']}")]
    for attacker in outcome.attackers:
        title = attacker.row.title
        answers.append(defended.share(f"{who}: {title}", attacker.accuracy, f"accuracy left; {protocols[title]}"))
    said = ", ".join(alarm.key.replace("_", " ") for alarm in outcome.alarms)
    answers.append(defended.answer("The naive attack", len(outcome.alarms), "alarms", said, len(outcome.clean)))
    return *answers, *_certified(proved)


def _attacked(found: Found) -> tuple[Answer, ...]:
    """How sure the network is of the clean photo, and of the attacked one as a file holds it."""
    ((trajectory,),) = found.result.trajectories.values()
    frames, threat = _frames(found), trajectory.threat
    names, stored = frames.spec.label_space.names, frames.stored_prediction
    clean = f"predicts “{names[frames.label[0]]}”, softmax probability, one photo"
    attacked = (
        f"predicts “{names[stored.label]}” for the photo changed by at most {threat.eps_text}, stored in 8 bits and "
        f"judged again; PGD, {threat.steps} steps, untargeted"
    )
    return (
        found.answer(f"{found.who}, clean", 100 * frames.probability[0], "%", clean, 1),
        found.answer(f"{found.who}, attacked", 100 * float(stored.probabilities.max()), "%", attacked, 1),
        found.answer("Change that is enough", 255 * threat.eps, IN_255THS, f"largest change of a pixel; {attacked}", 1),
    )


def _smallest(found: Found, label: str = "") -> tuple[Answer, ...]:
    """The smallest changes of one network: that of the first image with `label`, and the median of all."""
    from robust_core.intervals import median

    frame = found.result.frame
    rows = frame[frame["label"] == label] if label else frame
    stands, about = stands_in(found.request), f"{rows['protocol'].iloc[0]}; an upper bound"
    answers = [
        found.answer(
            f"{found.who}, smallest change found",
            rows["eps_255ths"].iloc[0],
            IN_255THS,
            f"{stands}one image; {about}",
            1,
        )
    ]
    fooled = frame[frame["eps_255ths"] > 0]["eps_255ths"].tolist()
    if len(fooled) > 1:
        said = f"{stands}median of the images that are right when clean; {about}"
        answers.append(found.answer(f"{found.who}, all photos", median(fooled), IN_255THS, said, len(fooled)))
    return tuple(answers)


def _after(steps: int, found: Sequence[Found]) -> tuple[Answer, ...]:
    """Published accuracies after so many steps, Mini's recorded one, and that of the runner from a random start."""
    answers = list(quoted(PGD, BY_STEPS, "top1_under_attack", ORDINARY, *WSL, condition=f"eps=0.06 steps={steps}"))
    for one in found:
        answers.append(one.share(one.who, _left(one)[steps], _protocol(one, f"{steps} steps"), on_curve=True))
    return *answers, *(answer_of(row, "random start") for row in _of_runner(steps))


def _curves(steps: int, found: Sequence[Found]) -> tuple[Curve, ...]:
    """What each network keeps from the clean image to the step `steps`, about which the class was asked."""
    return tuple(
        one.curve(
            ACCURACY,
            "attack steps (0 is the clean image)",
            dict(enumerate(_left(one)[: steps + 1])),
            _protocol(one, f"0 to {steps} steps"),
            steps,
        )
        for one in found
    )


def _left(one: Found) -> Sequence[Interval]:
    """The accuracy after each step, clean first."""
    from robust_core.attacks.scoring import ANY_STEP_SO_FAR
    from robust_core.studies.attack_curve import accuracies

    ((trajectory,),) = one.result.trajectories.values()
    return accuracies(trajectory.steps, ANY_STEP_SO_FAR)


def _protocol(one: Found, steps: str) -> str:
    ((trajectory,),) = one.result.trajectories.values()
    return (
        f"{ILLUSTRATES}accuracy after {steps} of untargeted PGD, L∞ {trajectory.threat.eps_text}, clean start (the "
        "published attacks were targeted)"
    )


def _of_runner(steps: int) -> list[Result]:
    """What the benchmark runner measured of Mini after so many steps."""
    condition = f"eps={shipped.LEVELS[MINI] / 255:.10f} steps={steps}"
    store = settings.SHIPPED_CACHE / "mini" / "results"
    runs = [run for run in stored_runs.finished(store) if run.identity["experiment"] == EXPERIMENT]
    rows = [row for run in runs for row in run.results() if row.condition == condition]
    return [row for model in SHOWN_OF_MINI for row in rows if row.model == model]


def _certified(found: Found) -> tuple[Answer, ...]:
    frame = found.result.frame
    answers = []
    for radius in RADII:
        (row,) = frame[(frame["bound"] == "certified") & (frame["radius"] == radius)].to_dict("records")
        protocol = f"certified accuracy within L2 {radius:g} (pixels from 0 to 1), which no attack can lower; Wilson"
        source = found.answer("", 0, "", "").source
        values = row["accuracy_percent"], "%", found.origin, f"{protocol}; {row['protocol']}", source, int(row["n"])
        answers.append(
            Answer(f"{found.who}: proved within {radius:g}", *values, row["low_percent"], row["high_percent"])
        )
    return tuple(answers)


def _frames(found: Found) -> AttackFrames:
    ((trajectory,),) = found.result.trajectories.values()
    return trajectory.frames[0]


def _predicted(frames: AttackFrames, label: int, probability: float) -> str:
    return f"“{frames.spec.label_space.names[label]}” {probability:.1%}"


def _label_of(found: Found) -> str:
    frames = _frames(found)
    return frames.spec.label_space.names[frames.label[0]]
