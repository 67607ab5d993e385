"""The page on refreshes and progress names what there is, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from typer.testing import CliRunner

from tvarr import cli
from tvarr.controller import schedule, workqueue
from tvarr.controller.plan import LINKED_REST
from tvarr.progress import Kind, Progress, State
from tvarr.web import operations, progress

if TYPE_CHECKING:
    from aiohttp import web

PAGE = (Path(__file__).parents[1] / "docs" / "refreshes.md").read_text(encoding="utf-8")


def paths(routes: list[web.RouteDef]) -> set[str]:
    return {f"{route.method} {route.path.replace('{name}', 'NAME')}" for route in routes}


def test_every_request_is_on_the_page_and_every_one_on_the_page_exists() -> None:
    there = paths([*operations.routes(), *progress.routes()])
    assert set(re.findall(r"^\| `((?:GET|POST) \S+)`", PAGE, re.MULTILINE)) == there


def test_every_state_and_type_is_named() -> None:
    assert [word for word in (*State, *Kind) if f"`{word}`" not in PAGE] == []


def test_every_option_is_shown() -> None:
    told = CliRunner().invoke(cli.app, ["refresh", "--help"]).stdout
    own = set(re.findall(r"--\w+", told)) - {"--config", "--data", "--help", "--log"}
    assert set(re.findall(r"^    tvarr refresh uk (--\w+)", PAGE, re.MULTILINE)) == own


def test_the_operation_that_is_shown_has_the_members_of_a_real_one() -> None:
    shown = re.search(r"^    (\{.*?\})$", PAGE, re.MULTILINE | re.DOTALL)
    assert shown is not None
    all_of_them = Progress()
    with all_of_them.operation("source/uk", Kind.INGESTION):
        [real] = all_of_them.operations()
    assert list(orjson.loads(shown[1])) == list(orjson.loads(progress._json(real)))


def test_the_figures_are_those_of_the_program() -> None:
    assert schedule.SPREAD == 0.1  # "a tenth"
    assert timedelta(minutes=5) == schedule.LONGEST_SPREAD
    assert timedelta(seconds=30) == schedule.CRON_SPREAD
    assert timedelta(minutes=5) == LINKED_REST
    assert timedelta(minutes=1) == workqueue.PATIENCE
    assert progress.HEARTBEAT == 30
    assert f"At most {progress.MOST_LISTENERS} may listen" in PAGE
