"""Mails reach the mail server as they are meant, or managers hear why not."""

import logging
import socket

import pytest

from p2ppool.errors import UserError
from p2ppool.mail import deliver, failures, outbox, rate_limit, send
from p2ppool.mail.jobs import Jobs
from p2ppool.mail.rate_limit import RateLimit
from p2ppool.settings import Settings
from tests.lab.services.mailbox import mailbox

__all__ = ["mailbox"]

TO = "ada@example.org"


@pytest.fixture
def chosen(mailbox):
    return Settings(**mailbox.settings)


def test_a_mail_is_plain_text_with_what_mails_need(mailbox, chosen):
    assert send(chosen, TO, "Grüße", "Zeile 1\nZeile ö\n")
    assert mailbox.number() == 1
    (mail,) = mailbox.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == ("pools@example.org", TO, "Grüße")
    assert mail.get_content().splitlines() == ["Zeile 1", "Zeile ö"]
    assert (mail.get_content_type(), mail["Auto-Submitted"]) == ("text/plain", "auto-generated")
    assert mail["Date"]
    assert mail["Message-ID"].endswith("@example.org>")


def test_a_subject_and_a_text_stay_what_they_are(mailbox, chosen):
    send(chosen, TO, "x\r\nBcc: eve@example.org\n\nevil", "a\r\n.\r\nRCPT TO:<eve@example.org>\x1b[31m\n")
    assert mailbox.number() == 1
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "x Bcc: eve@example.org evil"
    assert mail.get_content().splitlines() == ["a", ".", "RCPT TO:<eve@example.org>[31m"]
    assert mailbox.recipients == [TO]


@pytest.mark.parametrize(
    "to", ["", "ada", "a@b\r\nBcc: c@d", "a@b,c@d", "<a@b>", "a b@c", "@c", "a@", "Ada <a@b>", "ä@b"]
)
def test_what_is_no_address_gets_no_mail(mailbox, chosen, to):
    with pytest.raises(UserError, match="is not a mail address"):
        deliver(chosen, to, "x", "y")
    assert mailbox.number() == 0


def test_a_mail_server_that_is_busy_is_tried_again(mailbox, chosen):
    mailbox.refusing = ["451 later"]
    send(chosen, TO, "x", "y")
    assert mailbox.number() == 1


def test_what_is_refused_is_logged_and_kept_for_managers(mailbox, chosen, caplog):
    mailbox.refusing = ["554 no\x1b[31m thanks"]
    with caplog.at_level(logging.ERROR):
        send(chosen, TO, "news", "secret text")
        assert mailbox.number() == 0
    failure = failures()[0]
    assert (failure.to, failure.subject) == (TO, "news")
    assert "554 no" in failure.problem
    assert "mail to ada@example.org (news) was not sent" in caplog.text
    assert "secret text" not in caplog.text


def test_what_is_refused_for_good_is_tried_once(mailbox, chosen, monkeypatch):
    tried = []
    monkeypatch.setattr(outbox, "deliver", lambda *mail: tried.append(mail[1]) or deliver(*mail))
    mailbox.unknown = ["nobody@example.org"]
    mailbox.refusing = ["554 never"]
    for to in ("nobody@example.org", TO, "no address"):
        send(chosen, to, "x", "y")
    outbox.wait()
    assert tried == ["nobody@example.org", TO, "no address"]
    assert "refuses the recipient" in failures()[2].problem


def test_a_mail_that_is_tried_again_keeps_no_other_waiting(mailbox, chosen, monkeypatch):
    """It is put back for its moment, which in this test never comes by itself."""
    jobs = Jobs(10)
    monkeypatch.setattr(outbox, "_PAUSES", [1e9])
    monkeypatch.setattr(outbox, "_jobs", jobs)
    monkeypatch.setattr(outbox, "_start", lambda: None)
    mailbox.refusing = ["451 later"]
    for to in ("busy@example.org", TO):
        send(chosen, to, "x", "y")
    for _ in range(2):
        jobs.take()()
        jobs.done()
    assert (mailbox.recipients, jobs.left()) == ([TO], 1)
    jobs.hurry()
    jobs.take()()
    jobs.done()
    assert (mailbox.recipients, jobs.join()) == ([TO, "busy@example.org"], True)


def test_a_mailbox_gets_so_many_and_the_log_one_line(mailbox, chosen, caplog):
    for number in range(25):
        assert send(chosen, TO.upper() if number % 2 else TO, "x", "y") is (number < 20)
    assert [send(chosen, TO, "x", "y", by_stranger=True) for _ in range(7)] == [True] * 5 + [False] * 2
    assert send(chosen, "bob@example.org", "x", "y")
    assert mailbox.number() == 26
    assert caplog.text.count("ada@example.org gets no more mails for a while") == 2  # one for each limit


def test_a_rate_limit_is_for_a_time(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(rate_limit, "_MANY", 2)
    some = RateLimit((2, 10.0), (3, 100.0), clock=lambda: clock[0])
    said = []
    for clock[0] in (0.0, 1.0, 2.0, 10.5, 11.5, 99.0, 100.5, 300.0):
        said.append(some.take("a"))
        assert some.take(f"b{clock[0]}")
    assert set(some._sent) == {"a", "b300.0"}
    assert said == [True, True, False, True, False, False, True, True]


def test_a_mail_server_that_is_away_makes_nobody_wait(mailbox, chosen):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        away = chosen.model_copy(update={"smtp_port": taken.getsockname()[1]})
        assert send(away, TO, "away", "y")
        outbox.wait()
    assert "did not take the mail" in failures()[0].problem


def test_a_password_is_checked_and_never_told(mailbox, chosen):
    right, wrong = (Settings(**mailbox.settings, smtp_user="u", smtp_password=p) for p in ("right", "wrong!"))
    deliver(right, TO, "x", "y")
    assert mailbox.number() == 1
    with pytest.raises(UserError, match="refuses the user or the password") as error:
        deliver(wrong, TO, "x", "y")
    assert "wrong!" not in str(error.value)


def test_starttls_is_asked_for_and_a_server_without_it_gets_nothing(mailbox, chosen):
    with pytest.raises(UserError, match="STARTTLS"):
        deliver(chosen.model_copy(update={"smtp_tls": "starttls"}), TO, "x", "y")
    assert mailbox.number() == 0


def test_without_a_mail_server_nothing_is_sent(mailbox):
    assert not send(Settings(), TO, "x", "y")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"smtp_host": "mail.example.org"}, "P2PPOOL_SMTP_FROM"),
        ({"smtp_user": "u"}, "belong together"),
        ({"registration": "mail"}, "needs a mail server"),
        (
            {
                "smtp_host": "mail.example.org",
                "smtp_from": "a@example.org",
                "smtp_tls": "none",
                "smtp_user": "u",
                "smtp_password": "p",
            },
            "readable for others",
        ),
    ],
)
def test_settings_that_do_not_fit_together(values, problem):
    with pytest.raises(ValueError, match=problem):
        Settings(**values)
