"""Nothing acknowledged is lost, whatever is killed while everybody reads, sends and moderates."""

from tests.crash import load


def test_acknowledged_is_stored_is_owed(database_url, tmp_path, request):
    server = request.getfixturevalue("postgres") if "postgresql" in database_url else None
    outcome = load.drill(database_url, tmp_path / "site", 25, load.misfortunes(server))
    tally = outcome.tally
    assert not outcome.faults
    assert len(tally.receipts) > 20
    assert len(set(tally.receipts)) == len(tally.receipts)
    assert set(tally.receipts) == outcome.stored
    assert outcome.owed == len(outcome.stored)
    # at least once: a letter the mail server took just before the worker was killed goes out again
    assert len(outcome.delivered) == outcome.owed
    assert outcome.copies - outcome.owed < 60
    assert len(tally.decided) > 5
    assert set(tally.decided) <= set(range(1, outcome.counted + 1))
    assert outcome.published >= len(set(tally.decided))
    assert len(tally.decided) == len(set(tally.decided))
    # the site is busy only while the database is away, and says so; nothing else ever goes wrong
    broken = {int(what.split()[1]) for what in tally.answers if what.split()[1].isdigit()} - {200, 302, 409, 422}
    assert broken <= ({503} if server else set())
    assert max(size for held in outcome.memory for size in held.values()) < 600
