"""The page in a real browser: from a theatre to a paid order, at phone and desktop width, in both languages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from operations.app.stack import Stack

CHROMIUM = "/usr/bin/chromium"
SIZES = {"phone": (390, 844, "ko-KR"), "desktop": (1280, 800, "en-US")}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), "no Chromium: install the packages listed in workloads/apt-packages.txt"
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs privileges that CI containers lack; it only ever sees our own page here.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height, locale = SIZES[getattr(request, "param", "phone")]
    context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(stack.web.address)
    page.wait_for_selector("#theatre optgroup", state="attached")
    yield page
    context.close()
    # Failed requests are what some tests cause; a broken script or a refused resource never is.
    assert [problem for problem in problems if "Failed to load resource" not in problem] == []


def fill_basket(page: Page) -> None:
    page.select_option("#theatre", "1")
    page.get_by_role("button", name=re.compile("하나 더|One more")).first.click()
    page.get_by_role("button", name=re.compile("하나 더|One more")).nth(2).click()


def order(page: Page, email: str) -> str:
    fill_basket(page)
    page.click("#checkout")
    page.fill("#nickname", "준")
    page.fill("#email", email)
    page.click("#act")
    expect(page.locator("#outcome")).to_have_attribute("data-said", "placed", timeout=20_000)
    return page.locator("#sheet-title").inner_text().split()[-1]


@pytest.mark.parametrize("open_page", SIZES, indirect=True)
def test_an_order_is_placed_paid_and_stored(
    open_page: Page, stack: Stack, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    size = request.node.callspec.params["open_page"]
    number = order(open_page, f"{size}@example.com")
    assert stored(stack, number) == "PLACED"
    open_page.click("#act")
    expect(open_page.locator("#outcome")).to_have_attribute("data-said", "paid", timeout=20_000)
    assert stored(stack, number) == "PAID"
    picture = open_page.screenshot(path=tmp_path / f"{size}-paid.png")
    assert len(picture) > 10_000, "an empty page"


def stored(stack: Stack, number: str) -> str:
    return stack.database.writer.sql(f"SELECT state FROM pay.customer_order WHERE id LIKE '{number}%'").strip()


@pytest.mark.parametrize("open_page", SIZES, indirect=True)
def test_nothing_is_wider_than_the_screen_and_every_control_can_be_hit_and_named(open_page: Page) -> None:
    open_page.select_option("#theatre", "1")
    open_page.wait_for_selector(".item")
    assert open_page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    controls = open_page.locator("button:visible, select:visible").all()
    assert len(controls) > 10
    for control in controls:
        box = control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, control.evaluate("e => e.outerHTML")
        # A select is named by its label, a button by its text; an attribute must say it where the text is a sign.
        name = control.evaluate("e => e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent")
        assert len(name) > 1, control.evaluate("e => e.outerHTML")


def test_the_language_changes_words_and_names_without_losing_the_basket(open_page: Page) -> None:
    fill_basket(open_page)
    expect(open_page.locator("#checkout")).to_have_text("주문하기")
    open_page.click("#language")
    expect(open_page.locator("html")).to_have_attribute("lang", "en")
    expect(open_page.locator("#checkout")).to_have_text("Order")
    expect(open_page.locator("#count")).to_have_text("2 items")
    expect(open_page.locator("#theatre option:checked")).to_have_text("Gangnam")


def test_whoever_comes_back_finds_the_menu_of_the_theatre_chosen_last(open_page: Page) -> None:
    open_page.select_option("#theatre", "2")
    expect(open_page.locator(".item").first).to_be_visible()
    open_page.reload()
    expect(open_page.locator(".item").first).to_be_visible()
    expect(open_page.locator("#theatre")).to_have_value("2")


def test_an_answer_that_is_lost_on_its_way_makes_no_second_order(open_page: Page, stack: Stack) -> None:
    before = count(stack)
    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().text())
            route.abort()

    open_page.route("**/pay/orders", lose_the_first_answer)
    number = order(open_page, "lost@example.com")
    assert number in lost[0], "the repetition got the first answer"
    assert count(stack) == before + 1


def count(stack: Stack) -> int:
    return int(stack.database.writer.sql("SELECT COUNT(*) FROM pay.customer_order"))


def test_a_service_that_is_away_is_said_and_can_be_tried_again(browser: Browser, stack: Stack) -> None:
    page = browser.new_page(locale="en-US")
    page.route("**/item/theatres", lambda route: route.fulfill(status=503, body="{}"))
    page.goto(stack.web.address)
    expect(page.locator("#menu-note")).to_have_attribute("data-said", "unavailable", timeout=10_000)
    page.unroute("**/item/theatres")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#theatre")).to_be_enabled(timeout=10_000)
    page.close()
