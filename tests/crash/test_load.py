"""Nothing acknowledged is lost, whatever is killed while everybody reads, sends and moderates."""

from tests.crash import load


def test_acknowledged_is_stored_is_owed(database_url, tmp_path):
    outcome = load.drill(database_url, tmp_path / "site", 25, load.misfortunes(None))
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
    # whoever got no answer had lost the connection; the site itself said nothing was wrong
    broken = [what for what in tally.answers if what.split()[1].isdigit() and int(what.split()[1]) >= 500]
    assert not broken
    assert max(size for held in outcome.memory for size in held.values()) < 600
