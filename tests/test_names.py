from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firehose_loader.schema.names import RESERVED_PREFIX, fold, snake, table_name

WORDS = st.text(string.ascii_letters + string.digits, min_size=1)
SPELLINGS = st.lists(WORDS, min_size=1).flatmap(
    lambda words: st.sampled_from("_-. ").map(lambda separator: separator.join(words))
)


@pytest.mark.parametrize(
    "spelling",
    ["eventId", "EVENT_ID", "event_id", "event-id", "Event ID", "event.id", " eventid ", "EventId"],
)
def test_spellings_of_one_name_fold_alike(spelling: str) -> None:
    assert fold(spelling) == "eventid"


@pytest.mark.parametrize("name", ["event", "eventIds", "event/id", "eventId2"])
def test_other_names_fold_differently(name: str) -> None:
    assert fold(name) != "eventid"


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("eventId", "event_id"),
        ("EVENT_ID", "event_id"),
        ("Event ID", "event_id"),
        ("ipAddress", "ip_address"),
        ("IPAddress", "ip_address"),
        ("optinCode", "optin_code"),
        ("address1Line", "address1_line"),
        ("data.contactId", "data_contact_id"),
        ("revenue (GBP)", "revenue_gbp"),
        ("__row", "row"),
        ("größe", "größe"),
        ("2fa", "2fa"),
        ("", "field"),
        ("***", "field"),
    ],
)
def test_a_column_is_the_name_in_snake_case(name: str, column: str) -> None:
    assert snake(name) == column


@pytest.mark.parametrize(
    ("event_type", "model", "table"),
    [
        ("email.open", 1, "email_open"),
        ("email.open", 2, "email_open_2"),
        ("pushNotification.send", 1, "push_notification_send"),
        ("transactional.emailCampaignSend", 1, "transactional_email_campaign_send"),
    ],
)
def test_a_table_is_named_after_the_event_type(event_type: str, model: int, table: str) -> None:
    assert table_name(event_type, model) == table


@given(SPELLINGS)
def test_a_column_is_a_spelling_of_its_name(name: str) -> None:
    assert fold(snake(name)) == fold(name)


@given(SPELLINGS)
def test_a_column_name_is_its_own_column_name(name: str) -> None:
    assert snake(snake(name)) == snake(name)


@given(st.text())
def test_a_column_is_never_empty_and_never_reserved(name: str) -> None:
    column = snake(name)

    assert column
    assert not column.startswith(RESERVED_PREFIX)


@given(st.text())
def test_folding_twice_changes_nothing(name: str) -> None:
    assert fold(fold(name)) == fold(name)
