"""What a provider repeats of what it was asked with."""

from __future__ import annotations

import pickle

import pytest

from tvarr.controller.credentials import Credentials, credentials_of
from tvarr.errors import Reason, Transient
from tvarr.ingest.report import BadRow, IngestReport
from tvarr.spec.source import M3uSource, XtreamSource

URL = "http://ann:pa%2Fss@tv.invalid/get-a-list/t0ken-0001/tv.m3u?user=ann&pw=1%202%203&n=12;k=abcd"


def known(url: str = URL, **headers: str) -> Credentials:
    return credentials_of(M3uSource.model_validate({"kind": "m3u", "url": url, "headers": headers}))


def an_account(password: str) -> Credentials:
    login = {"kind": "xtream", "url": "http://tv.invalid", "username": "ann-7"}
    return credentials_of(XtreamSource.model_validate({**login, "password": password}))


@pytest.mark.parametrize("secret", ["pa/ss", "pa%2Fss", "t0ken-0001", "1 2 3", "1%202%203", "abcd"])
def test_whatever_the_address_holds_is_hidden(secret: str) -> None:
    assert known().hide(f"The word {secret}, again {secret}.") == "The word ***, again ***."


def test_short_texts_stand_in_too_many_words_to_be_hidden() -> None:
    assert known().hide("12 cans of ann's") == "12 cans of ann's"


def test_the_name_of_the_file_is_no_secret() -> None:
    assert known("http://tv.invalid/some-playlist.m3u").texts == ()


@pytest.mark.parametrize(
    "written", ["pä/s s&x", "p%C3%A4%2Fs%20s%26x", "p%C3%A4%2Fs+s%26x", "p%C3%A4/s%20s%26x"]
)
def test_a_field_is_hidden_in_addresses(written: str) -> None:
    assert an_account("pä/s s&x").hide(f"at /live/x/{written}/1.ts") == "at /live/x/***/1.ts"


@pytest.mark.parametrize("written", [r"p\u00e4/s s&x", r"p\u00e4\/s s&x", r"pä\/s s&x"])
def test_a_field_is_hidden_in_json(written: str) -> None:
    assert an_account("pä/s s&x").hide(f'{{"p": "{written}"}}') == '{"p": "***"}'


def test_a_field_is_hidden_in_html() -> None:
    assert an_account("pä/s s&x").hide("<p>pä/s s&amp;x</p>") == "<p>***</p>"


def test_a_header_is_hidden_with_its_scheme_and_without() -> None:
    secrets = known(Authorization="Bearer abc-def")
    assert secrets.hide("Bearer abc-def") == "***"
    assert secrets.hide("abc-def has ended") == "*** has ended"


def test_a_secret_in_another_one_does_not_leave_the_rest_of_it() -> None:
    assert known(One="abcdef", Two="abcdefghij").hide("abcdefghij") == "***"


@pytest.mark.parametrize("left", ["t0ken-000", "t0ke"])
def test_the_beginning_of_a_secret_at_the_end_of_an_excerpt_is_hidden(left: str) -> None:
    assert known().hide(f"Your token is {left}") == "Your token is ***"


def test_the_beginning_of_a_secret_elsewhere_is_a_word_like_others() -> None:
    assert known().hide("t0ken-000 is well") == "t0ken-000 is well"


@pytest.mark.parametrize("url", ["tv.m3u", "file:///media/long-folder-name/tv.m3u"])
def test_a_local_path_is_no_secret(url: str) -> None:
    assert known(url).texts == ()


def test_a_report_is_cleaned_in_samples_and_header() -> None:
    row = BadRow(line=3, problem="line that is no URL", excerpt="abcd has ended")
    header = {"url-tvg": "http://tv.invalid/guide?k=xyz", "x-note": "abcd", "x-abcd": "1"}
    report = known().hide_in(IngestReport(channels=2, samples=(row,), header=header))
    assert report.channels == 2
    assert report.samples == (row.model_copy(update={"excerpt": "*** has ended"}),)
    assert report.header == {
        "url-tvg": "http://tv.invalid/guide?k=***",
        "x-note": "***",
        "x-***": "1",
    }


def test_an_error_is_cleaned_wherever_it_is_read() -> None:
    error = Transient(Reason.HTML_ANSWER, "this is HTML: abcd", retry_after=5)
    known().hide_in_error(error)
    assert (str(error), error.sentence, error.retry_after) == ("this is HTML: ***",) * 2 + (5,)
    assert str(pickle.loads(pickle.dumps(error))) == "this is HTML: ***"


def test_what_is_secret_in_further_addresses_is_hidden_too() -> None:
    url = "http://bob:b0bsword@epgshare.invalid/epgshare/long-token/x.xml?key=k3yk3y"
    text = "epgshare: b0bsword k3yk3y long-token t0ken-0001"
    assert known().and_of([url]).hide(text).startswith("epgshare: *** *** ***")
    assert known().and_of([]) == known()


def test_nothing_is_shown_in_a_repr() -> None:
    assert repr(known()) == "Credentials()"


def test_a_secret_is_hidden_as_addresses_write_it_too() -> None:
    login = {"username": "ann of wales", "password": "a/b&c d"}
    source = XtreamSource.model_validate({"kind": "xtream", "url": "http://p.invalid", **login})
    credentials = credentials_of(source)
    for text in (
        "ann of wales",
        "ann%20of%20wales",
        "ann+of+wales",
        "a%2Fb%26c%20d",
        "a/b%26c%20d",
    ):
        assert text not in credentials.hide(f"no such user {text}!")


def test_an_address_of_very_many_parts_is_hidden_as_far_as_real_ones_go() -> None:
    """A stranger wrote it, and each part costs time wherever something is hidden."""
    query = "&".join(f"key{number}=value{number}" for number in range(5000))
    found = known().and_of([f"http://epg.invalid/x?password=hunter22&{query}"] * 100)
    assert found.hide("hunter22") == "***"
    assert len(found.texts) < 300
