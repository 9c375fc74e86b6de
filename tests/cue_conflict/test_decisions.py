import numpy as np
import pytest

from robust_core.cue_conflict.decisions import NAMES, RULES, category_scores, decide
from robust_core.errors import BadInput
from robust_core.labels import CATEGORIES

ARGMAX, MEAN = RULES


def probabilities(**masses):
    """One row with the given mass on class indices, written c404=0.7, and nothing elsewhere."""
    row = np.zeros((1, 1000))
    for name, mass in masses.items():
        row[0, int(name[1:])] = mass
    return row


def decided(rule, row):
    return NAMES[decide(row, rule)[0]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
@pytest.mark.parametrize("category", NAMES)
def test_all_mass_on_a_class_of_a_category_decides_for_it(rule, category):
    for index in CATEGORIES[category]:
        assert decided(rule, probabilities(**{f"c{index}": 1.0})) == category


def test_the_rules_differ_where_a_large_category_has_the_best_single_class():
    dog, airplane = CATEGORIES["dog"][0], CATEGORIES["airplane"][0]
    row = probabilities(**{f"c{dog}": 0.5, f"c{airplane}": 0.2})
    assert decided(ARGMAX, row) == "dog"
    assert decided(MEAN, row) == "airplane", "0.5 / 109 classes is less than 0.2 / 1 class"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_mass_outside_the_207_classes_decides_nothing(rule):
    outside = next(index for index in range(1000) if not any(index in indices for indices in CATEGORIES.values()))
    truck = CATEGORIES["truck"][-1]
    assert decided(rule, probabilities(**{f"c{outside}": 0.99, f"c{truck}": 0.01})) == "truck"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_a_tie_goes_to_the_first_in_the_alphabet(rule):
    knife, oven = CATEGORIES["knife"][0], CATEGORIES["oven"][0]
    assert decided(rule, probabilities(**{f"c{knife}": 0.5, f"c{oven}": 0.5})) == "knife"


def test_a_batch_equals_its_rows():
    rows = np.random.default_rng(0).dirichlet(np.full(1000, 0.05), size=20)
    for rule in RULES:
        assert decide(rows, rule).tolist() == [decide(row[None], rule)[0] for row in rows]


def test_the_categories_have_their_published_sizes():
    sizes = {category: len(indices) for category, indices in CATEGORIES.items()}
    assert sorted(sizes.values(), reverse=True) == [109, 49, 8, 7, 6, 5, 4, 4, 3, 3, 2, 2, 2, 1, 1, 1]
    assert (sizes["dog"], sizes["bird"]) == (109, 49)
    assert sum(sizes.values()) == 207


def test_scores_are_the_best_and_the_mean_of_a_categorys_classes():
    row = probabilities(**{f"c{index}": 0.1 * (place + 1) for place, index in enumerate(CATEGORIES["bear"])})
    bear = NAMES.index("bear")
    assert category_scores(row, ARGMAX)[0, bear] == pytest.approx(0.4)
    assert category_scores(row, MEAN)[0, bear] == pytest.approx(0.25)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_a_model_of_the_16_categories_is_its_own_rule(rule):
    rows = np.random.default_rng(0).dirichlet(np.ones(16), size=5)
    assert (category_scores(rows, rule) == rows).all()
    assert (decide(rows, rule) == rows.argmax(1)).all()


@pytest.mark.parametrize("shape", [(1000,), (16,), (2, 999), (2, 15), (2, 3, 1000)])
def test_another_shape_is_refused(shape):
    with pytest.raises(BadInput, match=r"\(N, 1000\)"):
        decide(np.zeros(shape), ARGMAX)
