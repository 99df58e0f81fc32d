"""A token opens the live routes for one shift, in one name, for the store that signed it, and for nobody else."""

import threading

import pytest
from clinic import Clinic, S, T

from dashboard.live.tokens import SHIFT, Role, TokenError, Tokens, token_key


def test_a_named_token_may_act_and_a_nameless_one_may_only_watch():
    tokens = Tokens("key")
    nurse, screen = tokens.read(tokens.issue(" A. Meyer ", T), T), tokens.read(tokens.issue("  ", T), T)
    assert (nurse.who, nurse.role) == ("A. Meyer", Role.ACT)
    assert (screen.who, screen.role) == ("", Role.WATCH)


def test_a_token_ends_with_the_shift():
    tokens = Tokens("key")
    token = tokens.issue("A", T)
    assert tokens.read(token, T + SHIFT - 1).expires == T + SHIFT
    with pytest.raises(TokenError, match="more than a shift"):
        tokens.read(token, T + SHIFT)


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: "x" + t, lambda t: "", lambda t: t.replace(".", "")])
def test_a_changed_token_is_refused(change):
    tokens = Tokens("key")
    with pytest.raises(TokenError, match="not known"):
        tokens.read(change(tokens.issue("A", T)), T)


def test_the_payload_cannot_be_swapped_between_two_tokens():
    tokens = Tokens("key")
    watch, act = tokens.issue("", T), tokens.issue("A", T)
    forged = act.rpartition(".")[0] + "." + watch.rpartition(".")[2]
    with pytest.raises(TokenError):
        tokens.read(forged, T)


def test_another_stores_token_is_refused(tmp_path):
    keys = {token_key(Clinic(tmp_path / name).store) for name in ("one", "two")}
    assert len(keys) == 2
    one, two = (Tokens(key) for key in keys)
    with pytest.raises(TokenError):
        two.read(one.issue("A", T), T)


def test_the_key_is_made_once_even_by_processes_that_ask_together(clinic):
    found = []
    threads = [threading.Thread(target=lambda: found.append(token_key(clinic.store))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found[0]) >= 40


def test_a_token_from_the_future_clock_still_expires():
    tokens = Tokens("key")
    assert tokens.read(tokens.issue("A", T + 5 * S), T).who == "A"
