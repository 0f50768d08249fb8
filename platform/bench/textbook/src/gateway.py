"""The payment gateway over HTTP, as `platform/local/sandbox-gateway` plays it: forms out, JSON in."""

import functools
import json
import os
import urllib.error
import urllib.parse
import urllib.request

import boto3

URL = os.environ.get("GATEWAY_URL", "").rstrip("/")
TIMEOUT_SECONDS = 10


class Declined(Exception):
    """Final."""


class Unavailable(Exception):
    """The gateway did not carry the request out, or nobody knows whether it did."""


class Answer(Exception):
    """The gateway refuses a request in a way that the caller expects."""


@functools.cache
def key():
    return boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["GATEWAY_SECRET"])["SecretString"]


def create(payment, method):
    """The payment's intent; the same key gives the same one."""
    form = {
        "amount": payment["amount"],
        "currency": payment["currency"].lower(),
        "payment_method": method,
        "confirm": "false",
        "metadata[orderId]": payment["orderId"],
        "metadata[paymentId]": payment["paymentId"],
    }
    return post("payment_intents", form, payment["paymentId"])["id"]


def confirm(intent, payment):
    """Charges; an intent that was charged before is not charged again."""
    try:
        post(f"payment_intents/{intent}/confirm", {}, f"{payment['paymentId']}-{payment['attempts']}")
    except Answer:
        if status(intent) != "succeeded":
            raise Declined("unexpected_state") from None


def cancel(intent):
    """Whether the intent can no longer be charged."""
    try:
        post(f"payment_intents/{intent}/cancel", {}, None)
    except Answer:
        return status(intent) != "succeeded"
    return True


def refund(payment):
    form = {"payment_intent": payment["gatewayReference"], "amount": payment["amount"], "metadata[orderId]": payment["orderId"]}
    return post("refunds", form, f"refund-{payment['paymentId']}")["id"]


def status(intent):
    return call(urllib.request.Request(f"{URL}/v1/payment_intents/{intent}"))["status"]


def post(path, form, idempotency_key):
    request = urllib.request.Request(f"{URL}/v1/{path}", data=urllib.parse.urlencode(form).encode(), method="POST")
    if idempotency_key:
        request.add_header("Idempotency-Key", idempotency_key)
    return call(request)


def call(request):
    request.add_header("Authorization", f"Bearer {key()}")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        problem = json.load(error).get("error", {})
        if error.code == 402:
            raise Declined(problem.get("decline_code") or problem.get("code")) from error
        if problem.get("code") == "payment_intent_unexpected_state":
            raise Answer(problem["code"]) from error
        raise Unavailable(f"{error.code} {problem.get('code')}") from error
    except OSError as error:
        raise Unavailable(str(error)) from error
