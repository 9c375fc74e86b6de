"""Two people on one server: turns, and what is left of somebody who has gone."""

import re

import pytest
from playwright.sync_api import expect

LONG = "/pgd_steps?world=Mini&n=64&steps=100&set_seed=77"
SHORT = "/pgd_steps?world=Mini&n=4&steps=3&set_seed=78"


@pytest.fixture(scope="session")
def fresh(serve, tmp_path_factory):
    """A server with an empty cache: only Mini is ready."""
    return serve(tmp_path_factory.mktemp("fresh"))


def run(page):
    page.get_by_role("button", name="Run", exact=True).click()


def test_a_closed_tab_makes_room_at_once_for_whoever_waits(visit, fresh):
    lecturer, student = visit(fresh).open(LONG).page, visit(fresh).open(SHORT).page
    run(lecturer)
    expect(lecturer.get_by_text("attacking").first).to_be_visible()
    run(student)
    expect(student.get_by_text("waiting: 1 before this one").first).to_be_visible()
    expect(
        student.get_by_text("waiting: 3 before this one")
    ).to_be_visible()  # the lecturer's second model has its turn in between
    lecturer.close()
    expect(student.get_by_text("waiting")).to_have_count(0)
    expect(student.get_by_role("button", name="Steps as CSV")).to_be_visible()


def test_a_server_that_keeps_its_weights_offers_no_download(visit, serve, tmp_path_factory):
    locked = serve(tmp_path_factory.mktemp("locked"), ROBUST_LAB_DOWNLOADS="off")
    page = visit(locked).open("/models?model=ResNet-50").page
    expect(page.get_by_text("Whoever runs this server downloads and removes its weights.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"Download( [\d,]+ MB)?$"))).to_have_count(0)


def test_a_run_longer_than_the_server_allows_ends_with_the_reason(visit, serve, tmp_path_factory):
    strict = serve(tmp_path_factory.mktemp("strict"), ROBUST_LAB_JOB_SECONDS="1")
    page = visit(strict).open(LONG).page
    run(page)
    expect(page.get_by_text("This took longer than the 1 s that this server allows for one job").first).to_be_visible()
    expect(page.get_by_role("button", name="Try again").first).to_be_visible()
