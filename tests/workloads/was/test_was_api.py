"""What the three services answer when everything works, judged by their own OpenAPI documents."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from operations.app.ajp import Answer
    from tests.workloads.was.conftest import Service, Tiers

RESOURCES = Path(__file__).parents[3] / "workloads" / "was" / "src" / "main" / "resources"


def conforms(service: str, method: str, path: str, answer: Answer) -> bool:
    """Check an answer against the schema that the service's document has for its operation and status."""
    document = yaml.safe_load((RESOURCES / "static" / service / "openapi.yaml").read_text())
    responses = document["paths"][path][method.lower()]["responses"]
    response: dict[str, Any] = responses.get(str(answer.status)) or responses["default"]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    (media_type, content), *_ = response["content"].items()
    assert answer.headers["content-type"].split(";")[0] == media_type
    registry: Registry[Any] = Registry[Any]().with_resource("urn:api", Resource(document, DRAFT202012))
    reference = {"$ref": "urn:api" + content["schema"]["$ref"]}
    judge = Draft202012Validator(reference, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return judge.is_valid(answer.json())  # pyright: ignore[reportUnknownMemberType]


def test_theatres_and_menus_are_listed_as_documented(item: Service):
    theatres = item.get("/item/theatres")
    menu = item.get("/item/theatres/1/menu")

    assert theatres.status == menu.status == 200
    assert conforms("item", "GET", "/item/theatres", theatres)
    assert conforms("item", "GET", "/item/theatres/{id}/menu", menu)
    assert theatres.json()["theatres"][0]["nameKo"] == "강남"
    assert {"id": 1, "price": 5500}.items() <= next(i for i in menu.json()["items"] if i["id"] == 1).items()


def test_an_unknown_theatre_is_a_documented_404(item: Service):
    answer = item.get("/item/theatres/9999/menu")

    assert answer.status == 404
    assert conforms("item", "GET", "/item/theatres/{id}/menu", answer)


def test_a_member_can_be_read_as_soon_as_it_is_registered(user: Service):
    email = f"{uuid.uuid4()}@example.com"
    made = user.post("/user/members", {"nickname": "민수", "email": email})
    read = user.get(made.headers["location"])

    assert (made.status, read.status) == (201, 200)
    assert made.json() == read.json() == {"id": read.json()["id"], "nickname": "민수", "email": email}
    assert conforms("user", "POST", "/user/members", made)
    assert conforms("user", "GET", "/user/members/{id}", read)


def test_an_e_mail_address_registers_only_once(user: Service):
    email = f"{uuid.uuid4()}@example.com"
    assert user.post("/user/members", {"nickname": "first", "email": email}).status == 201

    second = user.post("/user/members", {"nickname": "second", "email": email})

    assert second.status == 409
    assert second.json()["type"] == "urn:fastorder:email-taken"
    assert conforms("user", "POST", "/user/members", second)


def test_an_order_goes_from_placed_to_paid_to_refunded_and_no_other_way(pay: Service, order: dict[str, Any]):
    placed = pay.post("/pay/orders", order)
    where = placed.headers["location"]
    charge, refund = {"kind": "CHARGE", "amount": 11000}, {"kind": "REFUND", "amount": 11000}

    assert placed.json()["state"] == "PLACED"
    assert placed.json()["total"] == 11000
    assert pay.get(where).json() == placed.json()
    assert pay.post(f"{where}/payments", refund).status == 409
    paid = pay.post(f"{where}/payments", charge)
    assert paid.json()["orderState"] == pay.get(where).json()["state"] == "PAID"
    assert pay.post(f"{where}/payments", charge).status == 409
    assert pay.post(f"{where}/payments", refund).json()["orderState"] == "REFUNDED"
    assert pay.post(f"{where}/payments", refund).status == 409
    assert conforms("pay", "POST", "/pay/orders", placed)
    assert conforms("pay", "POST", "/pay/orders/{id}/payments", paid)


def test_a_payment_of_another_amount_than_the_total_is_refused_and_changes_nothing(pay: Service, order: dict[str, Any]):
    where = pay.post("/pay/orders", order).headers["location"]

    refused = pay.post(f"{where}/payments", {"kind": "CHARGE", "amount": 10999})

    assert (refused.status, refused.json()["type"]) == (422, "urn:fastorder:wrong-amount")
    assert pay.get(where).json()["state"] == "PLACED"


def test_an_order_of_many_lines_keeps_their_order_and_adds_them_up(pay: Service, order: dict[str, Any]):
    lines = [{"menuItemId": item, "quantity": 2} for item in (11, 4, 1, 7)]

    placed = pay.post("/pay/orders", order | {"lines": lines})

    read = pay.get(placed.headers["location"]).json()
    assert [line["menuItemId"] for line in read["lines"]] == [11, 4, 1, 7]
    assert read["total"] == placed.json()["total"] == 2 * (13000 + 3000 + 5500 + 2000)


def test_an_item_that_the_theatre_does_not_sell_is_refused(pay: Service, order: dict[str, Any]):
    answer = pay.post("/pay/orders", order | {"lines": [{"menuItemId": 12, "quantity": 1}]})

    assert (answer.status, answer.json()["type"]) == (422, "urn:fastorder:not-on-menu")


def test_a_paid_order_has_a_receipt_file_in_the_shared_folder(tiers: Tiers, pay: Service, order: dict[str, Any]):
    where = pay.post("/pay/orders", order).headers["location"]
    assert pay.get(f"{where}/receipt").status == 409
    pay.post(f"{where}/payments", {"kind": "CHARGE", "amount": 11000})

    receipt = pay.get(f"{where}/receipt")

    number = where.rsplit("/", 1)[1]
    (file,) = tiers.receipts.rglob(f"{number}.json")
    assert json.loads(file.read_text()) == receipt.json()
    assert conforms("pay", "GET", "/pay/orders/{id}/receipt", receipt)


def test_a_receipt_whose_file_is_lost_is_made_again(tiers: Tiers, pay: Service, order: dict[str, Any]):
    where = pay.post("/pay/orders", order).headers["location"]
    pay.post(f"{where}/payments", {"kind": "CHARGE", "amount": 11000})
    first = pay.get(f"{where}/receipt")
    (file,) = tiers.receipts.rglob(f"{where.rsplit('/', 1)[1]}.json")
    file.unlink()

    assert pay.get(f"{where}/receipt").body == first.body
    assert file.read_bytes() == first.body


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"menuItemId": 1, "quantity": 21}]}, "lines[0].quantity"),
        ({"memberId": None}, "memberId"),
        ({"theatreId": 0}, "theatreId"),
    ],
)
def test_an_invalid_order_is_refused_with_the_field_named(
    pay: Service, order: dict[str, Any], wrong: dict[str, Any], field: str
):
    answer = pay.post("/pay/orders", order | wrong)

    assert answer.status == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert conforms("pay", "POST", "/pay/orders", answer)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/pay/orders/not-a-uuid", 400),
        ("GET", "/pay/nothing-here", 404),
        ("DELETE", "/pay/orders/00000000-0000-0000-0000-000000000000", 405),
        ("GET", "/item/theatres", 404),
    ],
)
def test_whatever_is_not_served_is_answered_as_problem_json(pay: Service, method: str, path: str, status: int):
    answer = pay.request(method, path)

    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["requestId"] == answer.headers["x-request-id"]


def test_the_request_id_that_httpd_sends_is_in_the_answer_and_in_the_log(pay: Service):
    number = f"from-httpd-{uuid.uuid4()}"
    answer = pay.request("GET", f"/pay/orders/{uuid.uuid4()}", headers={"X-Request-Id": number})

    assert answer.headers["x-request-id"] == answer.json()["requestId"] == number
    (line,) = pay.wait_for_log(number)
    assert (line["method"], line["status"]) == ("GET", 404)


def test_a_request_id_that_could_forge_log_lines_is_replaced(pay: Service):
    answer = pay.request("GET", "/pay/nothing", headers={"X-Request-Id": 'x"} {"forged'})

    assert uuid.UUID(answer.headers["x-request-id"])


@pytest.mark.parametrize("service", ["user", "item", "pay"])
def test_each_service_publishes_the_document_of_every_endpoint_it_has(tiers: Tiers, service: str):
    running = tiers.services[service]
    published = running.get(f"/{service}/openapi.yaml")
    documented = {
        (method.upper(), path)
        for path, operations in yaml.safe_load(published.body)["paths"].items()
        for method in operations
    }
    mapped = json.loads(running.management("/actuator/mappings"))

    assert published.status == 200
    assert documented == served(mapped, service)


def served(mappings: dict[str, Any], service: str) -> set[tuple[str, str]]:
    """Return the operations that Spring has mapped, from the actuator's own list."""
    context = mappings["contexts"][f"was-{service}"]
    details = [
        entry["details"]["requestMappingConditions"]
        for entry in context["mappings"]["dispatcherServlets"]["dispatcherServlet"]
        if entry.get("details", {}).get("requestMappingConditions")
    ]
    return {
        (method, pattern)
        for conditions in details
        for method in conditions["methods"]
        for pattern in conditions["patterns"]
    }
