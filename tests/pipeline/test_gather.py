"""What a build is made of, as far as statuses tell it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tvarr.catalog.snapshots import Snapshots
from tvarr.errors import Reason
from tvarr.pipeline.build import AccountNow, BuildInput, build_key
from tvarr.pipeline.gather import build_input, next_end
from tvarr.spec.proxy import Proxy
from tvarr.spec.sentences import Sentences
from tvarr.state.conditions import Account, Condition, ConditionType, Kind, Status

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 8, 22, 12, tzinfo=UTC)


def status(reason: Reason = Reason.SUCCEEDED, account: Account | None = None) -> Status:
    ready = Condition(
        type=ConditionType.READY,
        status=reason is Reason.SUCCEEDED,
        reason=reason,
        message="",
        since=NOON,
    )
    return Status(kind=Kind.SOURCE, name="tv", conditions=(ready,), account=account)


def gathered(
    folder: Path,
    found: Status | None,
    duplicates: str = "merge",
    connections: dict[str, int] | None = None,
) -> BuildInput:
    return build_input(
        "family",
        proxy(duplicates),
        Sentences(),
        lambda _: found,
        Snapshots(folder / "snapshots"),
        NOON,
        connections=connections or {},
    )


def proxy(duplicates: str = "merge") -> Proxy:
    return Proxy.model_validate({"sources": ["tv"], "duplicates": duplicates})


@pytest.mark.parametrize(
    ("found", "account"),
    [
        (status(), AccountNow("tv")),
        (status(Reason.AUTH_FAILED), AccountNow("tv", healthy=False)),
        (status(Reason.ACCOUNT_EXPIRED), AccountNow("tv", healthy=False)),
        (status(Reason.TIMEOUT), AccountNow("tv")),
        (status(account=Account(connections=2)), AccountNow("tv", slots=2)),
        (status(account=Account(expires=NOON)), AccountNow("tv", healthy=False)),
        (status(account=Account(expires=NOON + timedelta(days=1))), AccountNow("tv")),
    ],
)
def test_an_account_is_healthy_unless_the_provider_refuses_it(
    tmp_path: Path, found: Status, account: AccountNow
) -> None:
    assert gathered(tmp_path, found).accounts == (account,)


@pytest.mark.parametrize("account", [None, Account(), Account(connections=5)])
def test_streams_that_the_yaml_allows_count_before_those_of_the_account(
    tmp_path: Path, account: Account | None
) -> None:
    declared = gathered(tmp_path, status(account=account), connections={"tv": 2, "other": 9})
    assert declared.accounts == (AccountNow("tv", slots=2),)


def test_streams_that_are_declared_for_an_account_are_part_of_the_key(tmp_path: Path) -> None:
    found = status(account=Account(connections=5))
    built = [gathered(tmp_path, found, connections=said) for said in ({}, {"tv": 2}, {"tv": 5})]
    keys = [build_key(build, None) for build in built]
    assert keys[0] == keys[2] != keys[1]


@pytest.mark.parametrize(
    ("expires", "duplicates", "end"),
    [
        (NOON + timedelta(days=3), "merge", NOON + timedelta(days=3)),
        (NOON + timedelta(days=3), "keep", None),
        (NOON, "merge", None),
        (None, "merge", None),
    ],
)
def test_the_next_end_of_an_account_is_told_where_it_decides_something(
    expires: datetime | None, duplicates: str, end: datetime | None
) -> None:
    found = status(account=Account(expires=expires))
    assert next_end(proxy(duplicates), lambda _: found, NOON) == end


def test_a_source_that_was_never_read_has_no_account(tmp_path: Path) -> None:
    assert gathered(tmp_path, None).accounts == ()


def test_accounts_are_part_of_the_key_only_where_duplicates_are_merged(tmp_path: Path) -> None:
    states = status(), status(Reason.AUTH_FAILED)
    merging = {build_key(gathered(tmp_path, one), None) for one in states}
    keeping = {build_key(gathered(tmp_path, one, "keep"), None) for one in states}
    assert (len(merging), len(keeping)) == (2, 1)
