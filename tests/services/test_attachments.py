"""Files are kept with their digest; what respondents hand in is sealed."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import text

from portal.errors import TooMany
from portal.rules import uploads
from portal.rules.words import AttachmentPurpose
from portal.services import attachments
from tests import factories


@pytest.fixture
def found(world):
    return factories.prepared(world)


def kept(world, seal, found, purpose, data=b"%PDF-1.7 words"):
    return attachments.keep(world.session, seal, found.id, purpose, uploads.checked(data, "a.pdf"), factories.NOON)


def test_a_published_file_lies_open_and_the_rest_is_sealed(world, seal, found):
    for purpose, is_open in ((AttachmentPurpose.PUBLISHED, True), (AttachmentPurpose.EVIDENCE, False)):
        file = kept(world, seal, found, purpose)
        world.session.expire_all()
        stored = world.session.scalar(text("SELECT content FROM attachment WHERE id = :id"), {"id": file.id})
        assert (b"words" in bytes(stored)) is is_open
        assert attachments.content(seal, file) == b"%PDF-1.7 words"
        assert file.digest == hashlib.sha256(b"%PDF-1.7 words").hexdigest()


def test_a_draft_has_its_share_of_files_in_the_order_they_came(world, seal, found):
    files = [kept(world, seal, found, AttachmentPurpose.PUBLISHED) for _ in range(attachments.MOST_PUBLISHED)]
    kept(world, seal, found, AttachmentPurpose.LETTER)
    assert attachments.published(world.session, found.id) == files
    with pytest.raises(TooMany, match="最多20个"):
        kept(world, seal, found, AttachmentPurpose.PUBLISHED)
    assert attachments.weight(world.session, found.id) == 21 * len(b"%PDF-1.7 words")
