"""What each study is called in a report, and the question that it puts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StudyWords:
    """The title of a study, and its question in a sentence."""

    title: str
    question: str


STUDIES = {
    "attack_curve": StudyWords("Accuracy under attack", "How accurate are models after each step of a PGD attack?"),
    "attack_checks": StudyWords(
        "Checks of an attack", "Can the accuracy under attack be believed, or does another attack break more images?"
    ),
    "attack_comparison": StudyWords(
        "Comparison of attacks", "How much accuracy does each attack leave, and does a stronger one say something else?"
    ),
    "smallest_change": StudyWords("Smallest change", "How small a change of an image fools a model?"),
    "query_curve": StudyWords(
        "Distance against queries", "How near does an attack come that sees the predicted class alone?"
    ),
    "certified_radius": StudyWords(
        "Proof and attack",
        "How far is a prediction certified, and how near is the smallest change that fools the model?",
    ),
    "defence_check": StudyWords("Defences under attack", "What is left of each defence once an attacker knows of it?"),
    "mixing": StudyWords(
        "Mixing desk", "How do clean and robust accuracy change from one model to another as they are mixed?"
    ),
    "corruption_grid": StudyWords(
        "Accuracy under corruption", "How accurate are models under each corruption, at each severity?"
    ),
    "corruption_sweep": StudyWords(
        "One image under corruption", "What does a model predict for one image under each corruption?"
    ),
    "perturbation_sequence": StudyWords(
        "One image along a sequence", "How often does the prediction flip along a sequence of small changes?"
    ),
    "object_edits": StudyWords(
        "Edited objects", "What if the object were smaller, elsewhere, turned, recoloured or before something else?"
    ),
    "predictions": StudyWords("Predictions", "What do models predict for these images, and how sure are they?"),
    "calibration": StudyWords("Calibration", "Is confidence accuracy?"),
    "ood": StudyWords("Unknown images", "Do models tell images of known classes from images of unknown things?"),
    "shape_bias": StudyWords("Shape bias", "Where shape and texture disagree, which of them do models follow?"),
    "glasses": StudyWords(
        "Shape bias through glasses", "What do models decide for when they see every image through a filter?"
    ),
    "glasses_corruption": StudyWords(
        "Corruption through glasses", "How accurate are models on corrupted images that they see through a filter?"
    ),
    "transfer_matrix": StudyWords("Transfer of attacks", "Do the images that fool one model fool the others?"),
    "severity_plane": StudyWords(
        "Corrupted, then attacked", "How much accuracy is left when images are corrupted and then attacked?"
    ),
    "simplicity_biases": StudyWords(
        "Simplicity biases", "How smooth, quiet and selective are the units of each layer, and how much noise passes?"
    ),
    "cue_removal": StudyWords("Cue removal", "How much accuracy is left when shape, texture or colour is taken away?"),
    "gradient_alignment": StudyWords(
        "Alignment of input gradients", "Do input gradients follow the edges of an image, and do models agree?"
    ),
    "concepts": StudyWords(
        "Concepts", "Which parts do images of a class have in common for a model, and how much does each count?"
    ),
    "linear_probe": StudyWords(
        "Linear probe", "How well do the features of models serve classes that they were not trained on?"
    ),
    "feature_similarity": StudyWords("Similarity of features", "How alike are the features of models?"),
    "fine_tuning": StudyWords(
        "Fine-tuning", "What does training all weights add to a linear probe on classes that are new to a model?"
    ),
    "attribution": StudyWords("Attribution maps", "Which places of the image does the prediction depend on?"),
}


def words_of(study: str) -> StudyWords:
    """The words of the study with this key; of one that is not in the table its key in words."""
    return STUDIES.get(study) or StudyWords(study.replace("_", " ").capitalize() or "Result", "")
