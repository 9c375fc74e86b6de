"""The pages of the section Attack in a browser: what is recorded is seen, and controls keep what was chosen."""

from playwright.sync_api import expect


def test_frames_of_a_recorded_attack_by_queries_come(visit, fresh):
    page = visit(fresh).open("/smallest_change?world=Mini&changes_of=By+queries&models=Mini+ResNeXt").page
    expect(page.locator(".film-player[data-ready=yes]")).to_be_visible()


def test_a_defence_stays_chosen_from_view_to_view(visit, fresh):
    page = visit(fresh).open("/break_a_defence?world=Mini").page
    chosen = page.get_by_role("combobox", name="Defence")
    chosen.fill("JPEG")
    page.get_by_role("option", name="JPEG").click()
    expect(page.get_by_text("compressed as JPEG")).to_be_visible()
    page.get_by_role("radio", name="Proof and attack").click()
    expect(page.get_by_text("Draws of noise (n)")).to_be_visible()
    page.get_by_role("radio", name="Attack a defence").click()
    expect(page.get_by_text("compressed as JPEG")).to_be_visible()
    expect(chosen).to_have_value("JPEG")


def test_a_chart_takes_the_room_that_the_sidebar_leaves(visit, fresh):
    page = visit(fresh).open("/compare_attacks?world=Mini").page
    page.wait_for_function("document.querySelector('.live-chart.js-plotly-plot')")
    before = page.evaluate("document.querySelector('.live-chart').clientWidth")
    page.get_by_text("Present", exact=True).click()
    page.wait_for_function(
        f"""(() => {{
            const chart = document.querySelector('.live-chart');
            return chart.clientWidth > {before} && chart.querySelector('svg').clientWidth === chart.clientWidth;
        }})()"""
    )
